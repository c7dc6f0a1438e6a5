#include "check/itch_items.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace okiagari::check {

Item item_of(const ItchMessage& message) {
  base::ByteWriter about;
  about.little(message.type);
  about.little(message.reference);
  about.little(message.match);
  base::ByteWriter all;
  all.bytes(about.view());
  all.little(message.locate);
  all.little(message.tracking);
  all.little(message.time_ns);
  all.little(message.new_reference);
  all.little(message.side);
  all.little(message.quantity);
  all.object(message.symbol);
  all.little(message.price_e4);
  all.little(message.code);
  all.little(message.detail);
  all.little(message.volume);
  all.little(message.imbalance);
  all.little(message.far_price_e4);
  all.little(message.reference_price_e4);
  all.little(message.low_e4);
  all.little(message.high_e4);
  all.little(message.extensions);
  return {base::hash64(about.view()), base::hash64(all.view())};
}

std::vector<Item> items_of(const std::vector<ItchMessage>& messages) {
  std::vector<Item> items;
  items.reserve(messages.size());
  for (const ItchMessage& message : messages) items.push_back(item_of(message));
  return items;
}

}  // namespace okiagari::check
