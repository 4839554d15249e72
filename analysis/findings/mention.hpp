// How a finding's texts (message, why, because, advice) speak of its locks and threads before the report has numbered them:
// `{lock 17}` and `{thread 3}` stand for the lock and the thread with that id, and the report puts their names there.
#pragma once

#include <cstdint>
#include <string>

namespace interlock::findings {

inline std::string mention_lock(std::uint64_t id) { return "{lock " + std::to_string(id) + '}'; }
inline std::string mention_thread(std::uint64_t id) { return "{thread " + std::to_string(id) + '}'; }

}  // namespace interlock::findings
