// What is wrong with a contact tree before it is needed: hours in which nobody is on duty, people
// who cannot be reached, severities for which nobody is called. And who would be called when, if
// nobody answered.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "desk/contact_tree.h"
#include "desk/words.h"

namespace okiagari::desk {

struct ContactProblem {
  bool is_grave = true;  // else: to be known
  Words what;
};

// In the days given from that instant on.
[[nodiscard]] std::vector<ContactProblem> check_contacts(const ContactTree& tree,
                                                         std::int64_t from_s, int days);

struct DryCall {
  TimestampNs at_ns = 0;
  std::uint32_t step = 0;
  std::string person;
  Route route;
};
// Every route works and nobody answers. The very state machine of the desk is asked. `body` is that
// of an entry "contact.tree"; an error is a refusal of the desk's.
[[nodiscard]] base::Result<std::vector<DryCall>> dry_run(const boost::json::object& body,
                                                         int severity, TimestampNs start_ns);
[[nodiscard]] base::Result<std::vector<DryCall>> dry_run(const ContactTree& tree, int severity,
                                                         TimestampNs start_ns);

}  // namespace okiagari::desk
