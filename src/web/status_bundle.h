// The whole public page as files that a plain web server can hold when the desk itself is gone. A
// copy is never half new: it is written into a folder of its own, and a link is turned to it. The
// copy says by itself when it was written. A manifest names every file with its hashes and is
// signed; openssl and sha256sum are enough to check it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/signature.h"
#include "web/public_view.h"

namespace okiagari::web {

// By path within the bundle. The manifest, its signature and the key are among them.
using BundleFiles = std::map<std::string, std::string>;
[[nodiscard]] BundleFiles bundle_files(const PublicView& view, const base::KeyPair& key);

// `folder`/current is the newest afterwards; the one before it is kept, older ones are removed.
// `name` is new for each copy. A crash of the process leaves the old one in place; the disk is not
// waited for, so after a power cut the writer begins with a new copy.
[[nodiscard]] base::Status write_bundle(const BundleFiles& files, const std::string& folder,
                                        const std::string& name);

struct BundleVerdict {
  std::vector<std::string> problems;  // empty: the copy is whole and signed by that key
  std::size_t files = 0;
  std::string written;     // as the manifest says
  std::string public_key;  // hex, of the key it was checked with
};
// `public_key` is hex, from another source than the bundle; empty: the bundle's own key, which only
// shows that nothing was damaged. The error is for what is no bundle at all.
[[nodiscard]] base::Result<BundleVerdict> verify_bundle(const std::string& folder,
                                                        const std::string& public_key);

}  // namespace okiagari::web
