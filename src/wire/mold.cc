#include "wire/mold.h"

#include <cstring>

namespace okiagari::wire {

MoldReader::MoldReader(base::Bytes datagram) {
  base::ByteReader reader(datagram);
  if (!reader.object(header_)) return;
  ok_ = true;
  rest_ = datagram.subspan(sizeof header_);
  const std::uint16_t count = header_.message_count;
  left_ = count == kMoldEndOfSession ? std::uint16_t{0} : count;
  if (left_ == 0) ok_ = rest_.empty();
}

bool MoldReader::next(base::Bytes& message) {
  if (!ok_ || left_ == 0) return false;
  base::ByteReader reader(rest_);
  const std::size_t size = reader.big<std::uint16_t>();
  message = reader.bytes(size);
  ok_ = reader.ok();
  if (!ok_) return false;
  rest_ = rest_.subspan(reader.offset());
  if (--left_ == 0) ok_ = rest_.empty();
  return true;
}

void MoldWriter::begin(const Alpha<10>& session, std::uint64_t sequence_number) {
  writer_.clear();
  count_ = 0;
  MoldHeader header;
  header.session = session;
  header.sequence_number = sequence_number;
  writer_.object(header);
}

bool MoldWriter::add(base::Bytes message) {
  const std::size_t size = sizeof(std::uint16_t) + message.size();
  if (writer_.size() + size > bytes_max_ || count_ + 1 == kMoldEndOfSession) return false;
  writer_.big(static_cast<std::uint16_t>(message.size()));
  writer_.bytes(message);
  ++count_;
  return true;
}

base::Bytes MoldWriter::finish() {
  base::store_big(writer_.data() + offsetof(MoldHeader, message_count), count_);
  return writer_.view();
}

}  // namespace okiagari::wire
