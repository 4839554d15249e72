// Traces for ui.perfetto.dev: slices and instants on tracks, joined by flows, in Perfetto's own format.
//
// Its protobuf is used, not Chrome's JSON: a thread's holds overlap without nesting (lock A, lock B, unlock A, unlock B), and only there
// has a thread child tracks of its own to put them on; a file that was cut is still a trace; and it is a third as long. Of protobuf
// this needs to write four kinds of field, which is less than a generated reader and writer would bring with them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace interlock::report {

/// A track's number, unlike that of every other track. 0 is none.
enum class track_id : std::uint64_t {};

struct trace_slice {
    track_id track{};
    std::string_view name;       // raw: it is made printable
    std::string_view category;   // one word
    std::string_view place;      // where in the source; empty: not known. Raw
    std::uint64_t flow_in = 0;   // a flow that ends here; 0: none
    std::uint64_t flow_out = 0;  // one that begins here
};

/// Thread-bound. Tracks are told before what is on them. On each track slices nest by their times, whatever the order of calls; calls
/// with the same time keep theirs. Memory: the names so far.
class perfetto_writer {
public:
    using sink = std::function<void(std::string_view)>;
    explicit perfetto_writer(sink to) : to_{std::move(to)} {}

    void process(track_id track, std::uint64_t pid, std::string_view name);
    void thread(track_id track, track_id process, std::uint64_t pid, std::uint64_t tid, std::string_view name);
    /// Below a thread or a process.
    void child(track_id track, track_id parent, std::string_view name);

    void begin(std::uint64_t ns, const trace_slice& what);
    void end(std::uint64_t ns, track_id track);
    void instant(std::uint64_t ns, const trace_slice& what);

private:
    void event(std::uint64_t ns, std::uint32_t type, const trace_slice& what);
    void packet(std::string body);
    std::uint64_t name_number(std::string_view name, std::string& definitions);

    sink to_;
    std::unordered_map<std::string, std::uint64_t> names_;
    bool begun_ = false;
};

}  // namespace interlock::report
