// Pages are made behind the end of a log that grows, and of no other; whatever becomes of the file or the disk, nothing worse than no pages.
#include "analysis/live/log_pages.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instrument/format/layout.hpp"

namespace interlock::live {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

/// A log of this process, sparse, as far as its header goes.
class pages_of_a_log : public testing::Test {
protected:
    void SetUp() override {
        path_ = testing::TempDir() + "log_pages_XXXXXX";
        file_ = ::mkstemp(path_.data());
        ASSERT_GE(file_, 0);
        ASSERT_EQ(::ftruncate(file_, capacity), 0);
        header_.magic = format::file_magic;
        header_.capacity = capacity;
        header_.pid = static_cast<std::uint32_t>(::getpid());
        header_.status = format::seal(0);
        grow_to(format::page_size);
    }
    void TearDown() override {
        ::close(file_);
        ::unlink(path_.c_str());
    }

    void grow_to(std::uint64_t allocated) {
        header_.allocated = format::seal(allocated);
        write_header();
    }
    void write_header() const { ASSERT_EQ(::pwrite(file_, &header_, sizeof header_, 0), sizeof header_); }

    std::uint64_t bytes_on_disk() const {
        struct stat status {};
        return ::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
    }
    /// Are all pages of [from, to) in memory?
    bool are_made(std::uint64_t from, std::uint64_t to) const {
        void* const mapped =
            ::mmap(nullptr, to - from, PROT_READ | PROT_WRITE, MAP_SHARED, file_, static_cast<off_t>(from));
        std::vector<unsigned char> present((to - from) / format::page_size);
        const bool asked = mapped != MAP_FAILED && ::mincore(mapped, to - from, present.data()) == 0;
        if (mapped != MAP_FAILED) ::munmap(mapped, to - from);
        for (const unsigned char page : present)
            if ((page & 1) == 0) return false;
        return asked;
    }

    static constexpr std::uint64_t capacity = 64 * mebibyte;
    std::string path_;
    int file_ = -1;
    format::file_header header_{};
};

TEST_F(pages_of_a_log, are_made_behind_the_end_of_a_log_that_grows) {
    growing_log log(path_);
    grow_to(2 * mebibyte);
    ASSERT_TRUE(log.follow());
    ASSERT_FALSE(log.is_done());
    EXPECT_TRUE(are_made(2 * mebibyte, 3 * mebibyte));
    EXPECT_FALSE(are_made(2 * mebibyte, capacity));
    EXPECT_GE(bytes_on_disk(), mebibyte);
    EXPECT_LE(bytes_on_disk(), 20 * mebibyte);
}

TEST_F(pages_of_a_log, are_not_made_for_a_log_that_stands_still) {
    growing_log log(path_);
    EXPECT_FALSE(log.follow());
    EXPECT_FALSE(log.is_done());
    EXPECT_LT(bytes_on_disk(), mebibyte);
}

TEST_F(pages_of_a_log, end_with_the_log_s_capacity) {
    growing_log log(path_);
    grow_to(capacity - mebibyte);
    ASSERT_TRUE(log.follow());
    EXPECT_TRUE(are_made(capacity - mebibyte, capacity));
    grow_to(capacity);
    EXPECT_FALSE(log.follow());
    EXPECT_TRUE(log.is_done());
    EXPECT_EQ(std::filesystem::file_size(path_), capacity);
}

TEST_F(pages_of_a_log, are_not_made_once_the_process_has_ended) {
    growing_log log(path_);
    header_.status = format::seal(format::process_status::ended);
    grow_to(2 * mebibyte);
    EXPECT_FALSE(log.follow());
    EXPECT_TRUE(log.is_done());
    EXPECT_LT(bytes_on_disk(), mebibyte);
}

TEST_F(pages_of_a_log, need_no_sound_header) {
    growing_log log(path_);
    header_.allocated = 4711;  // without its seal
    write_header();
    EXPECT_FALSE(log.follow());
    EXPECT_TRUE(log.is_done());
    EXPECT_TRUE(growing_log(path_ + ".none").is_done());
    EXPECT_TRUE(growing_log(testing::TempDir()).is_done());
}

TEST_F(pages_of_a_log, raise_no_signal_where_the_file_was_cut) {
    growing_log log(path_);
    grow_to(2 * mebibyte);
    ASSERT_EQ(::ftruncate(file_, format::page_size), 0);
    EXPECT_TRUE(log.follow());
    EXPECT_TRUE(log.is_done());
    EXPECT_EQ(std::filesystem::file_size(path_), format::page_size);
}

TEST_F(pages_of_a_log, raise_no_signal_beyond_the_limit_of_file_sizes) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    growing_log log(path_);
    grow_to(2 * mebibyte);
    const rlimit small{format::page_size, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_TRUE(log.follow());
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(std::filesystem::file_size(path_), capacity);
}

TEST_F(pages_of_a_log, leave_what_is_written_as_it_is) {
    const std::string text = "written behind the end";
    ASSERT_EQ(::pwrite(file_, text.data(), text.size(), 2 * mebibyte + 100), static_cast<ssize_t>(text.size()));
    growing_log log(path_);
    grow_to(2 * mebibyte);
    ASSERT_TRUE(log.follow());
    std::string read(text.size(), '\0');
    ASSERT_EQ(::pread(file_, read.data(), read.size(), 2 * mebibyte + 100), static_cast<ssize_t>(read.size()));
    EXPECT_EQ(read, text);
}

}  // namespace
}  // namespace interlock::live
