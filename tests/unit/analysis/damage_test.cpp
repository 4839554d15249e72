// A log cut anywhere, or with any one bit wrong, is analysed as far as it goes: it ends, stays within memory, and has no finding of
// severity error that the whole log does not have.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "analysis/analyser.hpp"
#include "analysis/findings/fingerprint.hpp"
#include "tests/support/allocation_meter.hpp"
#include "tests/support/every_kind_log.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::analysis {
namespace {

using testing::log_image;

/// A run with something of each verdict and kind that a gap could make look worse: guards, orders, semaphores, signals, misuse.
log_image seed_log() {
    testing::log_builder_options options;
    options.seal_at_end = true;
    return testing::make_log(
               "shared_mutex R1 R2\n"
               "main: create t1; create t2; create t3\n"
               "t1: lock A @f1; lock B @f2; unlock B; unlock A\n"
               "t2: lock B @g1; lock A @g2; unlock A; unlock B\n"
               "t1: lock G @h1; lock C @h2; lock D @h3; unlock D; unlock C; unlock G\n"
               "t2: lock G @i1; lock D @i2; lock C @i3; unlock C; unlock D; unlock G\n"
               "t1: lock E @j1; lock F timed @j2; unlock F; unlock E\n"
               "t2: lock F @k1; lock E @k2; unlock E; unlock F\n"
               "t1: lock R1 shared @l1; lock R2 shared @l2; unlock R2; unlock R1\n"
               "t2: lock R2 shared @m1; lock R1 shared @m2; unlock R1; unlock R2\n"
               "t1: sem_init S 2; sem_init T 1; sem_wait S @n1; sem_wait T @n2; sem_post T; sem_post S\n"
               "t2: sem_wait T @o1; sem_wait S @o2; sem_post S; sem_post T\n"
               "t3: sem_post T\n"
               "t1: open 10; close 10; lock H @p1; unlock H; open 10\n"
               "t1: signal_enter 10; lock H in_signal @p2; unlock H in_signal; signal_exit 10\n"
               "t1: lock I @q1; lock J @q2; unlock J; unlock I; exit\n"
               "main: join t1; create t4\n"
               "t4: lock J @r1; lock I @r2; unlock I; unlock J; seal\n"
               "t3: lock K @s1\n"
               "t2: unlock_foreign K succeeded @s2\n"
               "t3: lock L @u1; unlock L; unlock_foreign L @u2; exit\n"
               "t4: lock M @v1; try N @v2; unlock N; unlock M; exit\n"
               "t2: lock N @w1; lock M @w2; unlock M; unlock N; exit\n"
               "main: join t2; join t3; join t4",
               options)
        .image;
}

/// Ids of findings of severity error; nothing if the log cannot be used.
std::set<std::string> errors_of(std::span<const std::byte> image) {
    analyser all;
    std::set<std::string> errors;
    if (all.adopt("damaged.ilk", image) || all.feed()) return errors;
    for (const findings::finding& f : all.findings_so_far().findings) {
        if (f.severity == findings::severity::error) errors.insert(findings::fingerprint_text(f));
    }
    return errors;
}

std::string text(const std::set<std::string>& all) {
    std::string joined;
    for (const std::string& one : all) joined += one + '\n';
    return joined;
}

bool is_part(const std::set<std::string>& part, const std::set<std::string>& whole) {
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

TEST(damage, by_cutting_anywhere_adds_no_error) {
    for (const log_image& whole : {seed_log(), testing::every_kind_log()}) {
        const std::set<std::string> expected = errors_of(whole.bytes());
        for (std::size_t size = 0; size < whole.bytes().size(); size += 16) {
            log_image cut;
            cut.words.assign(whole.words.begin(), whole.words.begin() + static_cast<std::ptrdiff_t>(size / 8));
            const std::set<std::string> errors = errors_of(cut.bytes());
            ASSERT_TRUE(is_part(errors, expected)) << "cut at " << size << '\n'
                                                   << text(errors) << "whole:\n"
                                                   << text(expected);
        }
    }
}

/// Flips every `stride`th bit of the image, one at a time.
void flip_bits(log_image image, std::size_t stride) {
    const std::set<std::string> expected = errors_of(image.bytes());
    ASSERT_FALSE(expected.empty());
    for (std::size_t at = 0; at < image.words.size() * 64; at += stride) {
        std::uint64_t& word = image.words[at / 64];
        // Of a word of zeros one bit stands for the others: most are of pages nobody has written to yet.
        if (word == 0 && at % 64 >= stride) continue;
        word ^= std::uint64_t{1} << at % 64;
        const std::set<std::string> errors = errors_of(image.bytes());
        word ^= std::uint64_t{1} << at % 64;
        ASSERT_TRUE(is_part(errors, expected)) << "bit " << at << '\n' << text(errors) << "whole:\n" << text(expected);
    }
}

TEST(damage, of_any_one_bit_adds_no_error) {
    flip_bits(testing::every_kind_log(), 1);
    flip_bits(seed_log(), 11);
}

TEST(damage, of_any_kind_stays_within_memory) {
    log_image image = seed_log();
    const std::size_t before = testing::allocated_bytes();
    testing::reset_allocated_bytes_max();
    for (std::size_t word = 0; word < image.words.size(); word += 3) {
        const std::uint64_t old = image.words[word];
        image.words[word] = ~old;
        errors_of(image.bytes());
        image.words[word] = old;
    }
    EXPECT_LT(testing::allocated_bytes_max() - before, std::size_t{16} << 20);
}

}  // namespace
}  // namespace interlock::analysis
