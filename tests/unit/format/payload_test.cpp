// What continuation slots carry: each payload survives encode and decode at the limits of its fields.
#include "instrument/format/payload.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace interlock::format {
namespace {

constexpr std::uint32_t id_max = 0xffff'ffff;

TEST(payload, of_an_object_survives) {
    for (const object_payload& p : {object_payload{}, object_payload{narrow_mask, stack_id{id_max}, string_id{1}},
                                    object_payload{0x7fff'1234'5678, stack_id{1}, string_id{id_max}}})
        EXPECT_EQ(decode_object(encode(p)), p);
}

TEST(payload, of_a_held_set_survives) {
    for (const held_set_payload& p : {held_set_payload{}, held_set_payload{object_id{id_max}, 0xff, stack_id{1}, false},
                                      held_set_payload{object_id{1}, lock_flags::shared, stack_id{id_max}, true}})
        EXPECT_EQ(decode_held_set(encode(p)), p);
}

TEST(payload, of_a_dependency_survives) {
    for (const dependency_payload& p :
         {dependency_payload{}, dependency_payload{dependency_id{id_max}, stack_id{7}, 10'000},
          dependency_payload{dependency_id{1}, stack_id{id_max}, ~std::uint32_t{0}}})
        EXPECT_EQ(decode_dependency(encode(p)), p);
}

TEST(payload, of_waits_accesses_and_ranges_survives) {
    const wait_payload wait{object_id{id_max}, lock_flags::timed};
    const access_payload access{narrow_mask, 16, stack_id{id_max}};
    const range_payload range{0x1000, ~std::uint64_t{0}};
    EXPECT_EQ(decode_wait(encode(wait)), wait);
    EXPECT_EQ(decode_access(encode(access)), access);
    EXPECT_EQ(decode_range(encode(range)), range);
}

TEST(payload, of_a_race_survives) {
    const race_access later{narrow_mask,
                            0xffff,
                            access_kind::free,
                            0xff,
                            {object_id{id_max}, object_id{1}, object_id{2}, object_id{id_max}},
                            stack_id{id_max},
                            agent_id{7}};
    const race_access earlier{8, 1, access_kind::atomic_write, 0, {}, stack_id{1}, agent_id{id_max}};
    for (const race_payload& p :
         {race_payload{}, race_payload{later, earlier, memory_region::thread_local_storage, narrow_mask,
                                       ~std::uint64_t{0}, stack_id{id_max}, agent_id{id_max}, object_id{id_max}}})
        EXPECT_EQ(decode_race(encode(p)), p);
}

TEST(payload, of_a_module_survives_with_each_byte_of_its_build_id) {
    module_payload p{0x5555'0000'0000, 0x5555'0000'1000, 0x5555'0001'0000, string_id{id_max}, 24, {}};
    for (std::size_t at = 0; at < p.build_id.size(); ++at) p.build_id[at] = static_cast<std::uint8_t>(200 + at);
    const auto slots = encode(p);
    for (const slot& s : slots) EXPECT_TRUE(is_intact(s));
    EXPECT_EQ(decode_module(slots), p);
}

TEST(payload, of_a_hostile_module_has_no_build_id_longer_than_its_room) {
    auto slots = encode(module_payload{});
    slots[2] = encode_continuation(std::uint64_t{0xffff} << 32, 0);
    EXPECT_EQ(decode_module(slots).build_id_size, 24);
}

TEST(payload, of_strings_survives_at_every_length_around_a_slot) {
    for (std::size_t size = 0; size <= 3 * string_bytes_per_slot + 1; ++size) {
        std::string text;
        for (std::size_t at = 0; at < size; ++at) text += static_cast<char>('a' + at % 26);
        std::string decoded;
        for (std::size_t index = 0; index < string_slots(size); ++index) {
            const auto bytes = decode_string_slot(encode_string_slot(text, index));
            decoded.append(bytes.data(), bytes.size());
        }
        ASSERT_GE(decoded.size(), size);
        EXPECT_EQ(decoded.substr(0, size), text);
        EXPECT_EQ(decoded.find_first_not_of('\0', size), std::string::npos) << "padding is not zero";
    }
}

TEST(payload, of_stacks_survives_with_odd_and_even_depth) {
    for (std::size_t depth = 1; depth <= 9; ++depth) {
        std::vector<std::uint64_t> frames;
        for (std::size_t at = 0; at < depth; ++at) frames.push_back(narrow_mask - at);
        std::vector<slot> slots;
        for (std::size_t index = 0; index < stack_slots(depth); ++index)
            slots.push_back(encode_stack_slot(frames, index));
        for (std::size_t at = 0; at < depth; ++at) EXPECT_EQ(decode_frame(slots, at), frames[at]);
    }
}

}  // namespace
}  // namespace interlock::format
