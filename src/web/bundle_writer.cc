#include "web/bundle_writer.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "web/status_bundle.h"

namespace okiagari::web {

namespace {

constexpr TimestampNs kTryAgainAfterNs = 5'000'000'000;

}  // namespace

base::Status BundleWriter::write(const PublicView& view) {
  base::Status status =
      write_bundle(bundle_files(view, key_), folder_, fmt::format("{}", view.now_ns));
  if (status) {
    written_change_ns_ = view.changed_ns;
    written_ns_ = view.now_ns;
  } else {
    not_before_ns_ = view.now_ns + kTryAgainAfterNs;
    seen_index_ = 0;
  }
  return status;
}

base::Status BundleWriter::turn() {
  const TimestampNs now_ns = clock_();
  const bool is_old = written_ns_ + kRewriteAfterNs <= now_ns;
  if (now_ns < not_before_ns_ || (!is_old && seen_index_ == port_.desk().index())) return {};
  seen_index_ = port_.desk().index();
  const PublicView view = public_view(port_.desk(), settings_, now_ns);
  if (!is_old && view.changed_ns == written_change_ns_) return {};
  return write(view);
}

void BundleWriter::carry_out(const desk::Effect& effect, const Reports& reports) {
  const PublicView view = public_view(port_.desk(), settings_, clock_());
  if (const base::Status status = write(view); !status) {
    reports.failed(effect.key, status.error().message, false);
    return;
  }
  reports.done(effect.key, folder_ + "/current", {});
}

}  // namespace okiagari::web
