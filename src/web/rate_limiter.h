// How often something may happen for each key, as a bucket that fills again with time. Bounded:
// when there are too many keys, those whose buckets are full again go first, and then everybody
// waits: a flood of keys never makes the limit disappear.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace okiagari::web {

struct RateLimit {
  double burst = 5;
  double every_s = 12;  // one more after so long
};

class RateLimiter {
 public:
  static constexpr std::size_t kKeysMax = 20'000;

  explicit RateLimiter(RateLimit limit) : limit_(limit) {}

  // Takes one; false when there is none.
  bool take(std::string_view key, double now_s);
  // Seconds until there is one again, at least 1.
  [[nodiscard]] std::int64_t wait_s(std::string_view key, double now_s) const;
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double left = 0;
    double at_s = 0;
  };
  [[nodiscard]] double left(const Bucket& bucket, double now_s) const;

  RateLimit limit_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace okiagari::web
