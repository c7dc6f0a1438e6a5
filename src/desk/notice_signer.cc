#include "desk/notice_signer.h"

#include <boost/json.hpp>

#include "base/hash.h"

namespace okiagari::desk {

void NoticeSigner::begin() {
  under_way_.clear();
  if (notices_.public_key() == key_.public_key) return;
  Entry entry;
  entry.type = "notice.key";
  entry.by = "desk";
  entry.body = {{"public_key", base::to_hex(key_.public_key)}};
  port_.submit(std::move(entry), [](base::Status, std::uint64_t) {});
}

void NoticeSigner::turn() {
  const std::vector<std::string> waiting = notices_.signing();
  for (const std::string& id : waiting) {
    if (!under_way_.insert(id).second) continue;
    const Notice* notice = notices_.find(id);
    ASSERT(notice != nullptr, "the notice {} waits for a signature and is not there", id);
    const base::Signature signature =
        base::sign(base::as_bytes(notice->signed_text), key_.secret_key);
    Entry entry;
    entry.type = "notice.signed";
    entry.by = "desk";
    // The same text gives the same signature: a second desk that signs it too changes nothing.
    entry.body = {{"notice", id}, {"signature", base::to_hex(signature)}};
    port_.submit(std::move(entry),
                 [this, id](base::Status, std::uint64_t) { under_way_.erase(id); });
  }
}

}  // namespace okiagari::desk
