#include "desk/entry.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstring>

namespace okiagari::desk {

std::string_view Entry::word() const { return std::string_view(type).substr(0, type.find('.')); }

std::string_view Entry::what() const {
  const std::size_t dot = type.find('.');
  return dot == std::string::npos ? std::string_view{} : std::string_view(type).substr(dot + 1);
}

void append_entry(base::ByteWriter& into, const Entry& entry) {
  boost::json::object object{{"type", entry.type}, {"by", entry.by}, {"at_ns", entry.at_ns}};
  if (!entry.request.empty()) object["request"] = entry.request;
  object["body"] = entry.body;
  const std::string text = boost::json::serialize(object);
  ASSERT(text.size() <= kEntryBytesMax, "an entry of {} bytes, type {}", text.size(), entry.type);
  into.object(static_cast<std::uint32_t>(text.size()));
  into.bytes(base::as_bytes(text));
}

namespace {

base::Result<Entry> read_entry(std::string_view text) {
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 16;
  const boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_object()) return base::Error{"an entry is no JSON object"};
  const boost::json::object& object = value.get_object();
  Entry entry;
  entry.type = text_or(object, "type");
  entry.by = text_or(object, "by");
  entry.request = text_or(object, "request");
  const boost::json::value* at = object.if_contains("at_ns");
  const boost::json::value* body = object.if_contains("body");
  if (entry.type.empty() || at == nullptr || body == nullptr || !body->is_object()) {
    return base::Error{"an entry lacks type, at_ns or body"};
  }
  entry.at_ns = at->to_number<TimestampNs>(error);
  if (error) return base::Error{"an entry's at_ns is no time"};
  entry.body = body->get_object();
  return entry;
}

}  // namespace

base::Result<std::vector<Entry>> read_entries(base::Bytes batch) {
  std::vector<Entry> entries;
  while (!batch.empty()) {
    std::uint32_t size = 0;
    if (batch.size() < sizeof size) return base::Error{"an entry's size is cut off"};
    std::memcpy(&size, batch.data(), sizeof size);
    batch = batch.subspan(sizeof size);
    if (size > kEntryBytesMax || size > batch.size()) {
      return base::Error{fmt::format("an entry of {} bytes where {} are left", size, batch.size())};
    }
    auto entry = read_entry({reinterpret_cast<const char*>(batch.data()), size});
    if (!entry) return entry.error();
    entries.push_back(std::move(entry.value()));
    batch = batch.subspan(size);
  }
  return entries;
}

base::Result<std::string> text_of(const boost::json::object& body, std::string_view key,
                                  std::size_t bytes_max) {
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) {
    return base::Error{fmt::format("'{}' is missing", key)};
  }
  const boost::json::string& text = value->get_string();
  if (text.size() > bytes_max) {
    return base::Error{fmt::format("'{}' has {} bytes; at most {}", key, text.size(), bytes_max)};
  }
  return std::string(text.data(), text.size());
}

std::string text_or(const boost::json::object& body, std::string_view key,
                    std::string_view otherwise) {
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::string(otherwise);
  return {value->get_string().data(), value->get_string().size()};
}

std::int64_t number_or(const boost::json::object& body, std::string_view key,
                       std::int64_t otherwise) {
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr) return otherwise;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? otherwise : number;
}

bool flag_or(const boost::json::object& body, std::string_view key, bool otherwise) {
  const boost::json::value* value = body.if_contains(key);
  return value != nullptr && value->is_bool() ? value->get_bool() : otherwise;
}

std::vector<std::string> texts_of(const boost::json::object& body, std::string_view key) {
  std::vector<std::string> texts;
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const boost::json::value& item : value->get_array()) {
    if (item.is_string()) texts.emplace_back(item.get_string().data(), item.get_string().size());
  }
  return texts;
}

}  // namespace okiagari::desk
