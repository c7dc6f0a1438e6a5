#include "cause/csv.h"

namespace okiagari::cause {

namespace {

// Reads one field off the front; says by the return value what ended it: ',', '\n' or 0, the end.
char take_field(std::string_view& rest, std::string& field) {
  field.clear();
  std::size_t at = 0;
  bool quoted = !rest.empty() && rest.front() == '"';
  if (quoted) ++at;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (quoted && c == '"') {
      if (at + 1 < rest.size() && rest[at + 1] == '"') {
        field += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (!quoted && (c == ',' || c == '\n')) {
      if (c == '\n' && !field.empty() && field.back() == '\r') field.pop_back();
      rest.remove_prefix(at + 1);
      return c;
    } else {
      field += c;
    }
  }
  rest = {};
  return 0;
}

}  // namespace

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  if (rest_.empty()) return false;
  std::string field;
  for (;;) {
    const char ended_by = take_field(rest_, field);
    if (fields.size() < kFieldsMax) fields.push_back(field);
    if (ended_by != ',') return true;
  }
}

}  // namespace okiagari::cause
