// What a log does not tell: damage, missing parts, events that the recorder itself gave up. One entry a place, so that a
// report can say what is missing and detectors can lower what it could overturn.
#pragma once

#include <cstdint>
#include <string_view>

#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"

namespace interlock::trace {

enum class loss_kind : std::uint8_t {
    header_damaged,     // the file header's checksum does not fit
    live_word_damaged,  // a changing word of the file header
    truncated,          // the file ends before what the header says was written
    block_damaged,      // a page that should begin a block does not
    chunk_missing,      // an agent's chunk of this index is not there; count: how many in a row
    checksum_mismatch,  // a sealed chunk's slots do not fit their checksum; intact ones are used
    slot_damaged,       // a slot's check bits or kind; count: how many in a row
    record_cut,         // a wide record without all of its slots
    bad_reference,      // an id or a size that cannot be
    events_lost,        // a loss record of the recorder: `reason`; count: events
    order_forced,       // the merge could not know what comes first and chose; `object` or `agent` says of what
    in_flight,          // a record that its agent had not finished when the process ended: no damage
};

struct loss {
    loss_kind kind = loss_kind::slot_damaged;
    format::loss_reason reason = format::loss_reason::none;
    format::agent_id agent{};    // none: not known, or all
    format::object_id object{};  // order_forced
    std::uint64_t offset = 0;    // in the file
    std::uint64_t count = 1;
};

/// The words for it, as a reader of a report understands them.
std::string_view describe(loss_kind kind) noexcept;

}  // namespace interlock::trace
