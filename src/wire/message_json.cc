#include "wire/message_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/hash.h"
#include "wire/decimal_text.h"

namespace okiagari::wire {

namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::uint64_t load_integer(base::Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

// The value as a signed one of that width.
std::int64_t extend_sign(std::uint64_t value, std::uint32_t width_bytes) {
  const std::uint32_t unused_bits = 64 - width_bytes * 8;
  return static_cast<std::int64_t>(value << unused_bits) >> unused_bits;
}

json::value integer_value(const MessageField& field, base::Bytes bytes) {
  const std::uint64_t value = load_integer(bytes);
  const std::int64_t with_sign = extend_sign(value, field.width_bytes);
  if (field.decimals > 0) {
    const bool is_negative = field.is_signed && with_sign < 0;
    const std::uint64_t size =
        is_negative ? std::uint64_t{0} - static_cast<std::uint64_t>(with_sign) : value;
    return json::value(decimal_text(size, field.decimals, is_negative));
  }
  if (field.is_signed) return json::value(with_sign);
  return json::value(value);
}

json::value text_value(const MessageField& field, base::Bytes bytes) {
  std::string_view text = base::as_text(bytes);
  if (!is_printable(text)) return text_or_hex(bytes);
  if (field.kind == FieldKind::text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
  } else if (field.kind == FieldKind::right_text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  return json::value(json::string_view(text.data(), text.size()));
}

class Reader {
 public:
  Reader(const MessageTable& table, base::Bytes bytes, bool takes_optional)
      : table_(table), left_(bytes), takes_optional_(takes_optional) {}

  bool fields(const std::vector<MessageField>& fields, json::object& into) {
    for (const MessageField& field : fields) {
      if (field.is_optional && (left_.empty() || !takes_optional_)) continue;
      if (!this->field(field, into)) return false;
    }
    return true;
  }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

 private:
  bool field(const MessageField& field, json::object& into) {
    switch (field.kind) {
      case FieldKind::options:
        return options(field, into);
      case FieldKind::group:
        return group(field, into);
      case FieldKind::rest:
        into[field.name] = text_or_hex(take(left_.size()));
        return true;
      default:
        if (left_.size() < field.width_bytes) return false;
        into[field.name] = value(field, take(field.width_bytes));
        return true;
    }
  }

  static json::value value(const MessageField& field, base::Bytes bytes) {
    return field.kind == FieldKind::integer ? integer_value(field, bytes)
                                            : text_value(field, bytes);
  }

  bool group(const MessageField& field, json::object& into) {
    json::array members;
    for (std::uint32_t i = 0; i < field.times; ++i) {
      json::object member;
      if (!fields(field.fields, member)) return false;
      members.emplace_back(std::move(member));
    }
    into[field.name] = std::move(members);
    return true;
  }

  bool options(const MessageField& field, json::object& into) {
    if (left_.size() < 2) return false;
    const std::size_t size = load_integer(take(2));
    if (left_.size() < size) return false;
    base::Bytes appendage = take(size);
    json::array elements;
    while (!appendage.empty()) {
      const auto length = static_cast<std::size_t>(appendage[0]);
      if (length == 0 || appendage.size() < 1 + length) return false;
      elements.emplace_back(element(appendage.subspan(1, length)));
      appendage = appendage.subspan(1 + length);
    }
    into[field.name + "_length"] = size;
    into[field.name] = std::move(elements);
    return true;
  }

  // A tag and a value.
  json::object element(base::Bytes bytes) {
    const auto tag = static_cast<std::uint8_t>(bytes[0]);
    const base::Bytes value_bytes = bytes.subspan(1);
    json::object element;
    element["length"] = bytes.size();
    element["tag"] = tag;
    const MessageField* field = table_.option(tag);
    if (field != nullptr && field->width_bytes == value_bytes.size()) {
      element[field->name] = value(*field, value_bytes);
    } else {
      element["value"] = json::object{{"hex", base::to_hex(value_bytes)}};
    }
    return element;
  }

  base::Bytes take(std::size_t size) {
    const base::Bytes taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  const MessageTable& table_;
  base::Bytes left_;
  bool takes_optional_;
};

bool may_send(const MessageLayout& layout, Sender sender) {
  return layout.sender == Sender::either || sender == Sender::either || layout.sender == sender;
}

class Writer {
 public:
  Writer(const MessageTable& table, std::string& into) : table_(table), into_(into) {}

  base::Status fields(const std::vector<MessageField>& fields, const json::object& from) {
    for (const MessageField& field : fields) {
      const json::value* value = from.if_contains(field.name);
      if (value == nullptr && field.is_optional) continue;
      if (value == nullptr) return base::Error{fmt::format("'{}' is missing", field.name)};
      if (base::Status status = this->field(field, *value); !status) return status;
    }
    return {};
  }

 private:
  base::Status field(const MessageField& field, const json::value& value) {
    if (const auto bytes = hex_of(value)) {
      const bool fits = field.kind == FieldKind::rest || bytes->size() == field.width_bytes;
      if (!fits) return wrong(field, fmt::format("{} bytes are wanted", field.width_bytes));
      into_ += *bytes;
      return {};
    }
    switch (field.kind) {
      case FieldKind::options:
        return options(field, value);
      case FieldKind::group:
        return group(field, value);
      case FieldKind::integer:
        return integer(field, value);
      default:
        return text(field, value);
    }
  }

  // The bytes of {"hex": "..."}.
  static std::optional<std::string> hex_of(const json::value& value) {
    return value.is_object() ? text_or_hex_back(value) : std::nullopt;
  }
  static base::Error wrong(const MessageField& field, std::string_view what) {
    return {fmt::format("'{}': {}", field.name, what)};
  }

  base::Status text(const MessageField& field, const json::value& value) {
    if (!value.is_string()) return wrong(field, "text is wanted");
    const std::string_view text = view(value.get_string());
    if (field.kind == FieldKind::rest) {
      into_ += text;
      return {};
    }
    if (text.size() > field.width_bytes) {
      return wrong(field, fmt::format("at most {} characters are wanted", field.width_bytes));
    }
    const std::string padding(field.width_bytes - text.size(), ' ');
    into_ += field.kind == FieldKind::right_text ? padding + std::string(text)
                                                 : std::string(text) + padding;
    return {};
  }

  base::Status integer(const MessageField& field, const json::value& value) {
    std::uint64_t bits = 0;
    const std::uint32_t width_bits = field.width_bytes * 8;
    if (field.decimals > 0) {
      if (!value.is_string()) return wrong(field, "a price in quotes is wanted");
      const auto parsed = parse_decimal(view(value.get_string()), field.decimals);
      if (!parsed || (parsed->is_negative && !field.is_signed)) {
        return wrong(field,
                     fmt::format("a number with at most {} decimals is wanted", field.decimals));
      }
      bits = parsed->is_negative ? std::uint64_t{0} - parsed->size : parsed->size;
    } else if (value.is_uint64()) {
      bits = value.get_uint64();
    } else if (value.is_int64() && (value.get_int64() >= 0 || field.is_signed)) {
      bits = static_cast<std::uint64_t>(value.get_int64());
    } else {
      return wrong(
          field, field.is_signed ? "a whole number is wanted" : "a whole number from 0 is wanted");
    }
    const bool fits = width_bits == 64 || (field.is_signed ? extend_sign(bits, field.width_bytes) ==
                                                                 static_cast<std::int64_t>(bits)
                                                           : bits >> width_bits == 0);
    if (!fits) return wrong(field, fmt::format("does not fit into {} bits", width_bits));
    for (std::uint32_t shift = width_bits; shift > 0; shift -= 8) {
      into_ += static_cast<char>(bits >> (shift - 8));
    }
    return {};
  }

  base::Status group(const MessageField& field, const json::value& value) {
    if (!value.is_array() || value.get_array().size() != field.times) {
      return wrong(field, fmt::format("a list of {} is wanted", field.times));
    }
    for (const json::value& member : value.get_array()) {
      if (!member.is_object()) return wrong(field, "a list of objects is wanted");
      if (base::Status status = fields(field.fields, member.get_object()); !status) return status;
    }
    return {};
  }

  base::Status options(const MessageField& field, const json::value& value) {
    if (!value.is_array()) return wrong(field, "a list is wanted");
    const std::size_t length_at = into_.size();
    into_.append(2, '\0');
    for (const json::value& element : value.get_array()) {
      if (!element.is_object()) return wrong(field, "a list of objects is wanted");
      if (base::Status status = this->element(field, element.get_object()); !status) return status;
    }
    const std::size_t size = into_.size() - length_at - 2;
    if (size > 0xFFFF) return wrong(field, "more than 65,535 bytes");
    into_[length_at] = static_cast<char>(size >> 8);
    into_[length_at + 1] = static_cast<char>(size);
    return {};
  }

  base::Status element(const MessageField& appendage, const json::object& element) {
    const auto tag = whole_number(element.if_contains("tag"));
    if (!tag || *tag > 255) return wrong(appendage, "'tag' from 0 to 255 is wanted");
    const std::size_t begin = into_.size();
    into_ += '\0';
    into_ += static_cast<char>(*tag);
    if (const json::value* raw = element.if_contains("value")) {
      const auto bytes = text_or_hex_back(*raw);
      if (!bytes) return wrong(appendage, "'value': {\"hex\": \"...\"} is wanted");
      into_ += *bytes;
    } else {
      const MessageField* field = table_.option(static_cast<std::uint8_t>(*tag));
      const json::value* value = field == nullptr ? nullptr : element.if_contains(field->name);
      if (value == nullptr) return wrong(appendage, "an element has no value");
      if (base::Status status = this->field(*field, *value); !status) return status;
    }
    const std::size_t size = into_.size() - begin - 1;
    if (size > 255) return wrong(appendage, "an element of more than 255 bytes");
    into_[begin] = static_cast<char>(size);
    return {};
  }

  const MessageTable& table_;
  std::string& into_;
};

// The time of the day or of the era that a clock message and the nanoseconds of this one make.
void add_time(const MessageTable& table, std::optional<std::uint64_t>& seconds,
              json::object& message) {
  if (table.seconds_key.empty()) return;
  if (const auto now = whole_number(message.if_contains(table.seconds_key))) seconds = now;
  const auto nanoseconds = whole_number(message.if_contains(table.nanoseconds_key));
  if (seconds && nanoseconds) message["timestamp"] = *seconds * 1'000'000'000 + *nanoseconds;
}

}  // namespace

std::optional<std::string> from_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  const auto into = std::as_writable_bytes(std::span<char>(bytes));
  if (!base::from_hex(hex, into)) return std::nullopt;
  return bytes;
}

json::value text_or_hex(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  if (is_printable(text)) return json::value(json::string_view(text.data(), text.size()));
  return json::object{{"hex", base::to_hex(bytes)}};
}

std::optional<std::string> text_or_hex_back(const json::value& value) {
  if (value.is_string()) return std::string(view(value.get_string()));
  if (!value.is_object()) return std::nullopt;
  const json::value* hex = value.get_object().if_contains("hex");
  if (hex == nullptr || !hex->is_string()) return std::nullopt;
  return from_hex(view(hex->get_string()));
}

std::optional<std::uint64_t> whole_number(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (!value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

bool MessageDecoder::decode(base::Bytes message, Sender sender, json::object& into) {
  if (table_.layouts.empty()) {
    into["message"] = kPayload;
    into[kPayload] = text_or_hex(message);
    return true;
  }
  const char type = message.empty() ? '\0' : static_cast<char>(message[0]);
  for (const MessageLayout& layout : table_.layouts) {
    if (message.empty() || layout.type != type || !may_send(layout, sender)) continue;
    json::object fields;
    Reader reader(table_, message.subspan(1), true);
    if (!reader.fields(layout.fields, fields) || reader.left() > 0) continue;
    into[table_.type_key] = json::string_view(&type, 1);
    into["message"] = layout.name;
    for (auto& field : fields) into[field.key()] = std::move(field.value());
    add_time(table_, seconds_, into);
    return true;
  }
  into["message"] = kUnknownMessage;
  into["hex"] = base::to_hex(message);
  return false;
}

base::Status encode_message(const MessageTable& table, const json::object& message,
                            std::string& into) {
  const json::value* name_value = message.if_contains("message");
  if (name_value == nullptr || !name_value->is_string()) {
    return base::Error{"'message' with the message's name is missing"};
  }
  const std::string_view name = view(name_value->get_string());
  const bool is_raw = name == kUnknownMessage || name == kUnreadBytes || name == kPayload;
  if (is_raw) {
    const bool is_payload = name == kPayload;
    const json::value* value = message.if_contains(is_payload ? "payload" : "hex");
    std::optional<std::string> bytes;
    if (value != nullptr && is_payload) bytes = text_or_hex_back(*value);
    if (value != nullptr && !is_payload && value->is_string()) {
      bytes = from_hex(view(value->get_string()));
    }
    if (!bytes) return base::Error{fmt::format("the bytes of '{}' are missing or no hex", name)};
    into += *bytes;
    return {};
  }
  const MessageLayout* layout = table.find(name);
  if (layout == nullptr) {
    return base::Error{fmt::format("{} has no message '{}'", table.name, name)};
  }
  into += layout->type;
  return Writer(table, into).fields(layout->fields, message);
}

std::size_t message_size(const MessageTable& table, base::Bytes bytes, Sender sender) {
  if (bytes.empty()) return 0;
  for (const MessageLayout& layout : table.layouts) {
    if (layout.type != static_cast<char>(bytes[0]) || !may_send(layout, sender)) continue;
    json::object fields;
    Reader reader(table, bytes.subspan(1), false);
    if (reader.fields(layout.fields, fields)) return bytes.size() - reader.left();
  }
  return 0;
}

}  // namespace okiagari::wire
