// Errors of users, peers and the outside world, as values. The compiler refuses to let one be
// dropped.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace okiagari::base {

// What went wrong, in words for the person who must act: what, where, and what to do about it.
struct Error {
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // The value; only after ok() was found true.
  [[nodiscard]] T& value() {
    ASSERT(ok(), "{}", std::get<1>(state_).message);
    return std::get<0>(state_);
  }
  [[nodiscard]] const T& value() const {
    ASSERT(ok(), "{}", std::get<1>(state_).message);
    return std::get<0>(state_);
  }
  // The error; only after ok() was found false.
  [[nodiscard]] const Error& error() const {
    ASSERT(!ok(), "asked a good result for its error");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

// The result of something that has no value to give.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    ASSERT(!ok(), "asked a good status for its error");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace okiagari::base
