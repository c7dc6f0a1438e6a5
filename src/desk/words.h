// A text for people, in both languages of the desk, made from one set of facts.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace okiagari::desk {

struct Words {
  std::string en;
  std::string ja;

  friend bool operator==(const Words&, const Words&) = default;
};

[[nodiscard]] inline boost::json::object to_json(const Words& words) {
  return {{"en", words.en}, {"ja", words.ja}};
}

}  // namespace okiagari::desk
