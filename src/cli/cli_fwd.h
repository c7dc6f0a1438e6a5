// The library of command lines, by name: only what adds options has need of the whole of it, which
// is much to compile.
#pragma once

namespace CLI {
class App;
}  // namespace CLI
