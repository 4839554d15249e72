// The codec of slots, on any bytes: an intact slot is one that no flip of a single bit leaves intact, and what is decoded
// from it encodes to the same slot again.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <span>

#include "instrument/format/payload.hpp"
#include "instrument/format/record.hpp"

namespace {

using namespace interlock::format;

void must(bool holds) {
    if (!holds) std::abort();
}

void check_single_flips(const slot& written) {
    must(is_intact(written));
    for (int bit = 0; bit < 64; ++bit) {
        must(!is_intact({written.word0 ^ std::uint64_t{1} << bit, written.word1}));
        must(!is_intact({written.word0, written.word1 ^ std::uint64_t{1} << bit}));
    }
}

void check_lead(const slot& any) {
    const auto kind = static_cast<event_kind>(any.word0 & 0xff);
    const slot written = encode(kind, flags_of(any), site_of(any), ticks_of(any), object_of(any), sequence_of(any));
    check_single_flips(written);
    must(kind_of(written) == kind && flags_of(written) == flags_of(any) && site_of(written) == site_of(any));
    must(ticks_of(written) == ticks_of(any) && operand_of(written) == operand_of(any));
    must(written == any || !is_intact(any));
}

void check_continuation(const slot& any) {
    const slot written = encode_continuation(narrow_of(any), wide_of(any));
    check_single_flips(written);
    must(narrow_of(written) == narrow_of(any) && wide_of(written) == wide_of(any));
    must(encode(decode_object(written)) == written);
    must(encode(decode_range(written)) == written);
    must(encode(decode_access(written)) == written);
    must(decode_held_set(encode(decode_held_set(written))) == decode_held_set(written));
    must(decode_dependency(encode(decode_dependency(written))) == decode_dependency(written));
    must(decode_wait(encode(decode_wait(written))) == decode_wait(written));
}

void check_module(std::span<const slot> slots) {
    const module_payload decoded = decode_module(slots.first(module_slots));
    const auto again = encode(decoded);
    must(decode_module(again) == decoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    slot slots[16];
    const std::size_t count = std::min(size / sizeof(slot), std::size(slots));
    if (count != 0) std::memcpy(slots, data, count * sizeof(slot));
    for (const slot& any : std::span(slots, count)) {
        check_lead(any);
        check_continuation(any);
    }
    if (count >= module_slots) check_module(std::span(slots, count));
    return 0;
}
