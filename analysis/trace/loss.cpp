#include "analysis/trace/loss.hpp"

namespace interlock::trace {

std::string_view describe(loss_kind kind) noexcept {
    switch (kind) {
        case loss_kind::header_damaged: return "the file header does not fit its checksum";
        case loss_kind::live_word_damaged: return "a counter of the file header is damaged";
        case loss_kind::truncated: return "the file ends before what was written";
        case loss_kind::block_damaged: return "no readable block begins here";
        case loss_kind::chunk_missing: return "a block of records is missing";
        case loss_kind::checksum_mismatch: return "a chunk does not fit its checksum";
        case loss_kind::slot_damaged: return "damaged record";
        case loss_kind::record_cut: return "a record without its end";
        case loss_kind::bad_reference: return "a record that contradicts the rest of the log";
        case loss_kind::events_lost: return "events that were not recorded";
        case loss_kind::order_forced: return "an event whose place in the order is not known";
        case loss_kind::in_flight: return "a record that was not finished when the process ended";
    }
    return {};
}

}  // namespace interlock::trace
