#include "watch/xml_document.h"

#include <expat.h>
#include <fmt/format.h>

#include <memory>

namespace okiagari::watch {

namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kElementsMax = 20'000;
constexpr std::size_t kAttributesMax = 32;

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

void trim(std::string& text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string::npos) return text.clear();
  text = text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

class Reader {
 public:
  Reader() : parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
          static_cast<Reader*>(self)->begin(name, attributes);
        },
        [](void* self, const XML_Char*) { static_cast<Reader*>(self)->end(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int size) {
      static_cast<Reader*>(self)->add({text, static_cast<std::size_t>(size)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          static_cast<Reader*>(self)->refuse("it declares a document type, which is not taken");
        });
  }

  base::Result<XmlElement> read(std::string_view text) {
    const XML_Status status =
        XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (!refusal_.empty()) return base::Error{"XML refused: " + refusal_};
    if (status != XML_STATUS_OK || !root_) {
      return base::Error{fmt::format("XML is broken in line {}: {}",
                                     XML_GetCurrentLineNumber(parser_.get()),
                                     XML_ErrorString(XML_GetErrorCode(parser_.get())))};
    }
    return std::move(*root_);
  }

 private:
  void begin(std::string_view name, const XML_Char** attributes) {
    if (open_.size() >= kDepthMax) return refuse("elements are nested too deeply");
    if (++elements_ > kElementsMax) return refuse("it has too many elements");
    // The open elements are owned here until they end, so that nothing moves under a pointer.
    XmlElement element;
    element.name = local_name(name);
    for (std::size_t i = 0; attributes[2 * i] != nullptr; ++i) {
      if (i >= kAttributesMax) return refuse("an element has too many attributes");
      element.attributes.emplace_back(local_name(attributes[2 * i]), attributes[2 * i + 1]);
    }
    open_.push_back(std::move(element));
  }
  void end() {
    if (open_.empty()) return;
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    trim(element.text);
    if (open_.empty()) {
      root_ = std::make_unique<XmlElement>(std::move(element));
    } else {
      open_.back().children.push_back(std::move(element));
    }
  }
  void add(std::string_view text) {
    if (!open_.empty()) open_.back().text += text;
  }
  void refuse(std::string reason) {
    if (refusal_.empty()) refusal_ = std::move(reason);
    (void)XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser_;
  std::vector<XmlElement> open_;
  std::unique_ptr<XmlElement> root_;
  std::size_t elements_ = 0;
  std::string refusal_;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
  for (const XmlElement& one : children) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}

const XmlElement* XmlElement::at(std::string_view path) const {
  const XmlElement* found = this;
  while (found != nullptr && !path.empty()) {
    const std::size_t slash = path.find('/');
    found = found->child(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return found;
}

std::string_view XmlElement::text_at(std::string_view path) const {
  const XmlElement* found = at(path);
  return found == nullptr ? std::string_view() : std::string_view(found->text);
}

std::vector<const XmlElement*> XmlElement::all(std::string_view wanted) const {
  std::vector<const XmlElement*> found;
  for (const XmlElement& one : children) {
    if (one.name == wanted) found.push_back(&one);
  }
  return found;
}

std::string_view XmlElement::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes) {
    if (key == wanted) return value;
  }
  return {};
}

base::Result<XmlElement> parse_xml(std::string_view text) {
  if (text.size() > kXmlBytesMax) {
    return base::Error{fmt::format("XML refused: {} bytes; at most {}", text.size(), kXmlBytesMax)};
  }
  Reader reader;
  return reader.read(text);
}

}  // namespace okiagari::watch
