#include "instrument/recorder/standard_error.hpp"

#include <sys/stat.h>
#include <sys/uio.h>

#include <cstring>

#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

constexpr int output = 1;
constexpr int errors = 2;

struct file_identity {
    dev_t device = 0;
    ino_t number = 0;
    mode_t mode = 0;  // 0: there is none

    bool operator==(const file_identity&) const = default;
};

file_identity identity_of(int descriptor) noexcept {
    struct stat status {};
    if (is_error(system_call(SYS_fstat, descriptor, reinterpret_cast<long>(&status)))) return {};
    return {status.st_dev, status.st_ino, status.st_mode & S_IFMT};
}

constinit file_identity at_start{};
constinit bool is_remembered = false;

}  // namespace

void remember_standard_error() noexcept {
    at_start = identity_of(errors);
    is_remembered = true;
}

bool is_standard_error() noexcept {
    const file_identity now = identity_of(errors);
    if (now.mode == 0) return false;
    return !is_remembered || now == at_start || S_ISCHR(now.mode) || now == identity_of(output);
}

void write_to_stderr(const char* text, std::size_t size) noexcept {
    if (is_standard_error()) system_call(SYS_write, errors, reinterpret_cast<long>(text), static_cast<long>(size));
}

void say(std::initializer_list<const char*> parts) noexcept {
    iovec pieces[10];
    long count = 0;
    const auto add = [&](const char* part) { pieces[count++] = {const_cast<char*>(part), std::strlen(part)}; };
    add("interlock: ");
    for (const char* part : parts)
        if (count < 9) add(part);
    add("\n");
    if (is_standard_error()) system_call(SYS_writev, errors, reinterpret_cast<long>(pieces), count);
}

}  // namespace interlock::recorder
