// Writes the receipt log (wire/receipts.h): every message that reached this gateway, also while the
// cluster is away. Collected in memory and given to the kernel once a turn; not synced, so it
// survives the death of the process, not that of the machine. A new file at each start and when one
// is full.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "wire/receipts.h"

namespace okiagari::gateway {

class ReceiptLog {
 public:
  struct Identity {
    GatewayId gateway = 0;
    std::uint64_t cluster = 0;
    std::uint64_t incarnation = 0;
  };
  [[nodiscard]] static base::Result<std::unique_ptr<ReceiptLog>> open(const std::string& directory,
                                                                      const Identity& identity,
                                                                      std::uint64_t file_bytes_max);
  ~ReceiptLog();
  ReceiptLog(const ReceiptLog&) = delete;
  ReceiptLog& operator=(const ReceiptLog&) = delete;

  void add(wire::ReceiptKind kind, SessionId session, TimestampNs arrival_ns, base::Bytes payload) {
    wire::append_receipt(pending_,
                         {.kind = kind,
                          .gateway = identity_.gateway,
                          .session = session,
                          .number = ++number_,
                          .arrival_ns = arrival_ns},
                         payload);
  }

  // Hands what was added to the kernel. The error, when the disk takes no more, names the file;
  // what could not be written is kept for the next attempt up to a bound and then counted as lost.
  [[nodiscard]] base::Status flush();

  [[nodiscard]] const std::string& path() const { return path_; }
  // To all files.
  [[nodiscard]] std::uint64_t written_bytes() const { return written_bytes_; }
  [[nodiscard]] std::uint64_t lost_bytes() const { return lost_bytes_; }

 private:
  ReceiptLog(std::string directory, const Identity& identity, std::uint64_t file_bytes_max)
      : directory_(std::move(directory)), identity_(identity), file_bytes_max_(file_bytes_max) {}
  [[nodiscard]] base::Status begin_file();
  void give_up_file();
  void start_writing_back();

  std::string directory_;
  Identity identity_;
  std::uint64_t file_bytes_max_;
  std::string path_;
  int file_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t started_bytes_ = 0;  // of the file, on their way to the disk at least
  std::uint64_t files_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t lost_bytes_ = 0;
  base::ByteWriter pending_;
  std::size_t written_ = 0;  // of pending_
};

}  // namespace okiagari::gateway
