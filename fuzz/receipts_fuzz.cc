// Rooms: wire
// A receipt log. Records that are read, written again, are the file as far as it was whole.
#include <cstdint>

#include "base/assert.h"
#include "wire/receipts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const base::Bytes file(reinterpret_cast<const std::byte*>(data), size);
  wire::ReceiptReader reader(file);
  wire::ReceiptRecord record;
  base::Bytes payload;
  base::ByteWriter again;
  wire::append_receipts_header(again, reader.header());
  wire::ReceiptReader::State state;
  while ((state = reader.next(record, payload)) == wire::ReceiptReader::State::more) {
    wire::append_receipt(again, record, payload);
  }
  if (state == wire::ReceiptReader::State::not_receipts) return 0;
  ASSERT(again.size() <= size);
  ASSERT(base::as_text(again.view()) == base::as_text(file.first(again.size())));
  ASSERT((state == wire::ReceiptReader::State::end) == (again.size() == size));
  return 0;
}
