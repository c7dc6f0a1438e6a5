#include "web/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace okiagari::web {

double RateLimiter::left(const Bucket& bucket, double now_s) const {
  const double passed_s = std::max(0.0, now_s - bucket.at_s);
  return std::min(limit_.burst, bucket.left + passed_s / limit_.every_s);
}

bool RateLimiter::take(std::string_view key, double now_s) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kKeysMax) {
      std::erase_if(buckets_,
                    [&](const auto& entry) { return left(entry.second, now_s) >= limit_.burst; });
    }
    if (buckets_.size() >= kKeysMax) return false;
    found = buckets_.emplace(key, Bucket{limit_.burst, now_s}).first;
  }
  Bucket& bucket = found->second;
  bucket = {left(bucket, now_s), now_s};
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

std::int64_t RateLimiter::wait_s(std::string_view key, double now_s) const {
  const auto found = buckets_.find(key);
  const double missing = found == buckets_.end() ? 1 : 1 - left(found->second, now_s);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(missing * limit_.every_s)));
}

}  // namespace okiagari::web
