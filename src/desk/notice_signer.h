// Signs notices on the desk that leads. The state machine holds no secret: it waits for the
// signature as an entry, checks it with the public key, and then lets the notice go.
#pragma once

#include <set>
#include <string>

#include "base/signature.h"
#include "desk/desk_port.h"
#include "desk/notices.h"

namespace okiagari::desk {

class NoticeSigner {
 public:
  // Both are borrowed. `notices` is the part of the port's desk.
  NoticeSigner(DeskPort& port, const Notices& notices, const base::KeyPair& key)
      : port_(port), notices_(notices), key_(key) {}

  // When this desk begins to lead: says which key is used from now on, if it is another one.
  void begin();
  // In each turn of the desk that leads; cheap when nothing waits.
  void turn();

 private:
  DeskPort& port_;
  const Notices& notices_;
  base::KeyPair key_;
  std::set<std::string> under_way_;
};

}  // namespace okiagari::desk
