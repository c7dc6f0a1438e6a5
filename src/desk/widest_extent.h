// The most that an outage ever hit: what reports to regulators and members are about, long after
// the facts of the moment say that nothing is hit any more.
#pragma once

#include <boost/json/object.hpp>

namespace okiagari::desk {

// Of each count the most, of each list of what was hit all that ever stood in it. What is not such
// a fact is as it was said last.
void widen(boost::json::object& widest, const boost::json::object& facts);

}  // namespace okiagari::desk
