// An image of a core dump: by the kernel, by gcore, by whatever writes an ELF core with the notes that those two write.
#pragma once

#include <optional>
#include <string>

#include "analysis/snapshot/image.hpp"

namespace interlock::snapshot {

/// Thread-bound. Believes nothing: every number of the file is checked against the file's size. Failure: one line "path: offset N:
/// reason" where it is no core, one of another machine, or says nothing of threads; `into` is then of no use. A core that is cut
/// short is read as far as it goes and is then not complete. Memory: that of its notes, at most 1 GiB; the rest is read from the
/// file when it is asked for, which stays open as long as a copy of the reader is there.
[[nodiscard]] std::optional<std::string> open_core(const std::string& path, image& into);

}  // namespace interlock::snapshot
