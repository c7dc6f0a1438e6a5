#include "wire/halt_document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "test_places.h"

namespace okiagari::wire {
namespace {

base::KeyPair keys_of(std::uint16_t id) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(id);
  return base::key_pair_from_seed(seed);
}

HaltDocument halt() {
  HaltDocument document;
  document.cluster = 1001;
  document.number = 1'795'652'822'123;
  document.scope = venue::Scope::instrument;
  document.target = "OKI0001";
  document.reason = "売買停止: disk of node 2 \"slow\"";
  document.issued_at_s = 1'795'652'822;
  document.accept_until_s = document.issued_at_s + 3'600;
  sign_halt_document(document, 5, keys_of(5).secret_key);
  return document;
}

HaltDocument lift() {
  HaltDocument document = halt();
  document.kind = HaltKind::lift;
  document.number += 1;
  document.lifts = document.number - 1;
  document.proof[0] = std::byte{0xAB};
  document.signatures.clear();
  sign_halt_document(document, 1, keys_of(1).secret_key);
  sign_halt_document(document, 2, keys_of(2).secret_key);
  return document;
}

std::string golden(const std::string& name, const std::string& now) {
  const std::string path = std::string(OKIAGARI_SOURCE_DIR) + "/src/wire/golden/" + name;
  if (std::getenv("OKIAGARI_WRITE_GOLDEN") != nullptr) std::ofstream(path) << now;
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string fault(const std::string& text) {
  const auto parsed = parse_halt_document(text);
  return parsed.ok() ? "" : parsed.error().message;
}

// The document with one text in it replaced.
std::string with(const HaltDocument& document, const std::string& from, const std::string& to) {
  std::string text = to_json(document);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(HaltDocument, IsWhatItWas) {
  EXPECT_EQ(to_json(halt()), golden("halt_v1.json", to_json(halt())));
  EXPECT_EQ(signed_text(halt()), golden("halt_v1.txt", signed_text(halt())));
  EXPECT_EQ(to_json(lift()), golden("lift_v1.json", to_json(lift())));
  EXPECT_EQ(signed_text(lift()), golden("lift_v1.txt", signed_text(lift())));
}

TEST(HaltDocument, IsReadAsItWasWritten) {
  for (const HaltDocument& document : {halt(), lift()}) {
    const auto again = parse_halt_document(to_json(document));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(to_json(again.value()), to_json(document));
    for (const HaltSignature& one : again.value().signatures) {
      EXPECT_TRUE(base::verify_signature(base::as_bytes(signed_text(again.value())), one.signature,
                                         keys_of(one.operator_id).public_key));
    }
  }
}

TEST(HaltDocument, EachMistakeIsNamed) {
  EXPECT_EQ(fault(with(halt(), "\"halt\"", "\"stop\"")), "'kind' must be halt or lift");
  EXPECT_EQ(fault(with(halt(), "\"okiagari_halt\": 1", "\"okiagari_halt\": 2")),
            "'okiagari_halt' must be 1, the version that is known here");
  EXPECT_EQ(fault(with(halt(), "1001", "0")),
            "'cluster' must be a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(fault(with(halt(), "1795652822123", "1.5")),
            "'number' must be a whole number from 1 to 9007199254740991");
  EXPECT_EQ(fault(with(halt(), "\"instrument\"", "\"everything\"")),
            "'scope' must be market, segment, instrument or member");
  EXPECT_EQ(fault(with(halt(), "\"instrument\"", "\"market\"")),
            "'target' must be empty for the market");
  EXPECT_EQ(fault(with(halt(), "\"instrument\"", "\"member\"")),
            "'target' must be a number from 1 to 65535");
  EXPECT_EQ(fault(with(halt(), "OKI0001", "TOOLONG99")), "'target' must be an instrument's symbol");
  EXPECT_EQ(fault(with(halt(), "\"kind\"", "\"kinds\"")), "'kind' must be a text");
  EXPECT_EQ(fault(with(halt(), "\"kind\"", "\"more\": 1, \"kind\"")), "there is a field too many");
  EXPECT_EQ(fault(with(halt(), "T", "t")),
            "'issued_at' must be a time such as 2026-11-26T00:27:02Z");
  EXPECT_EQ(fault(with(lift(), "\"proof\": \"ab", "\"proof\": \"xb")),
            "'proof' must have 64 hexadecimal digits");
  EXPECT_EQ(fault(with(halt(), "disk", "di\\nsk")),
            "'reason' must have 1 to 200 bytes, all of them printable");
  EXPECT_EQ(fault(with(halt(), "\"operator\": 5", "\"operator\": 70000")),
            "a signature: 'operator' must be a whole number from 1 to 65535");
  EXPECT_EQ(fault("[]"), "an object is expected");
  EXPECT_EQ(fault(std::string(kHaltDocumentBytesMax + 1, ' ')), "it has more than 16384 bytes");
  EXPECT_NE(fault("{"), "");
}

TEST(HaltDocument, EveryFieldIsUnderTheSignature) {
  const HaltDocument signed_one = lift();
  const auto changed = [&](auto change) {
    HaltDocument document = signed_one;
    change(document);
    return signed_text(document) != signed_text(signed_one);
  };
  EXPECT_TRUE(changed([](HaltDocument& d) { d.kind = HaltKind::halt; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.cluster = 7; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.number = 7; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.scope = venue::Scope::member; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.target = "7"; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.reason = "other"; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.issued_at_s += 1; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.accept_until_s += 1; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.lifts += 1; }));
  EXPECT_TRUE(changed([](HaltDocument& d) { d.proof[31] = std::byte{1}; }));
}

TEST(HaltDocument, TimesAreReadAsTheyAreWritten) {
  for (const std::uint64_t seconds : {0ull, 951'782'400ull, 1'795'652'822ull, 253'402'300'799ull}) {
    EXPECT_EQ(parse_utc(utc_text(seconds)), seconds);
  }
  EXPECT_EQ(utc_text(951'782'400), "2000-02-29T00:00:00Z");
  for (const char* wrong : {"2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z",
                            "2026-01-01T00:00:00", "1969-12-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_utc(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace okiagari::wire
