// The text of config/causes.toml, put into the program by the build, so that the table is there
// when no file is.
#pragma once

namespace okiagari::cause {

extern const char* const kBuiltinCausesToml;

}  // namespace okiagari::cause
