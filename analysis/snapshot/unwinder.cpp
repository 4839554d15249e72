// libdwfl's unwinder over threads and memory of our own.
#include "analysis/snapshot/unwinder.hpp"

#include <elfutils/libdwfl.h>

#include <algorithm>
#include <array>

namespace interlock::snapshot {
namespace {

constexpr std::size_t frames_max = 256;
constexpr unsigned stack_pointer_register = 7;  // DWARF's number, of the x86-64 ABI

struct walk {
    std::vector<frame> frames;
};

int keep_frame(Dwfl_Frame* state, void* argument) {
    auto& into = *static_cast<walk*>(argument);
    frame one;
    Dwarf_Addr address = 0;
    bool is_activation = false;
    if (!dwfl_frame_pc(state, &address, &is_activation) || address == 0) return DWARF_CB_ABORT;
    one.address = address;
    one.is_return_address = !is_activation;
    Dwarf_Word pointer = 0;
    if (dwfl_frame_reg(state, stack_pointer_register, &pointer) == 0) one.stack_pointer = pointer;
    // A stack grows down: a frame that does not lie above the one it called is damage.
    if (!into.frames.empty() && one.stack_pointer <= into.frames.back().stack_pointer) return DWARF_CB_ABORT;
    into.frames.push_back(one);
    return into.frames.size() < frames_max ? DWARF_CB_OK : DWARF_CB_ABORT;
}

}  // namespace

struct unwinder::state {
    const image* of = nullptr;
    Dwfl* dwfl = nullptr;
    bool is_attached = false;

    static pid_t next_thread(Dwfl* /*dwfl*/, void* argument, void** place) {
        const auto& self = *static_cast<state*>(argument);
        const auto* last = static_cast<const thread*>(*place);
        const std::size_t next = last == nullptr ? 0 : static_cast<std::size_t>(last - self.of->threads.data()) + 1;
        if (next >= self.of->threads.size()) return 0;
        *place = const_cast<thread*>(&self.of->threads[next]);
        return static_cast<pid_t>(self.of->threads[next].id);
    }

    static bool get_thread(Dwfl* /*dwfl*/, pid_t id, void* argument, void** place) {
        const std::vector<thread>& all = static_cast<state*>(argument)->of->threads;
        const auto found = std::lower_bound(all.begin(), all.end(), static_cast<std::uint64_t>(id),
                                            [](const thread& one, std::uint64_t wanted) { return one.id < wanted; });
        if (found == all.end() || found->id != static_cast<std::uint64_t>(id)) return false;
        *place = const_cast<thread*>(&*found);
        return true;
    }

    static bool read_word(Dwfl* /*dwfl*/, Dwarf_Addr address, Dwarf_Word* result, void* argument) {
        const auto value = read_value<std::uint64_t>(static_cast<state*>(argument)->of->read, address);
        if (value) *result = *value;
        return value.has_value();
    }

    static bool set_registers(Dwfl_Thread* thread, void* place) {
        const auto& registers = static_cast<const snapshot::thread*>(place)->registers;
        if (!registers) return false;
        const user_regs_struct& r = *registers;
        const std::array<Dwarf_Word, 17> values = {r.rax, r.rdx, r.rcx, r.rbx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8,
                                                   r.r9,  r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.rip};
        return dwfl_thread_state_registers(thread, 0, static_cast<unsigned>(values.size()), values.data());
    }

    static constexpr Dwfl_Thread_Callbacks callbacks = {next_thread,   get_thread, read_word,
                                                        set_registers, nullptr,    nullptr};
};

unwinder::unwinder(const image& of, const modules& files) : state_(std::make_unique<state>()) {
    state_->of = &of;
    state_->dwfl = static_cast<Dwfl*>(files.handle());
    state_->is_attached =
        state_->dwfl != nullptr &&
        dwfl_attach_state(state_->dwfl, nullptr, static_cast<pid_t>(of.pid), &state::callbacks, state_.get());
}

unwinder::~unwinder() = default;

std::vector<frame> unwinder::frames(const thread& which) const {
    walk made;
    if (!which.registers) return {};
    if (state_->is_attached) dwfl_getthread_frames(state_->dwfl, static_cast<pid_t>(which.id), keep_frame, &made);
    if (made.frames.empty()) made.frames.push_back({which.registers->rip, false, which.registers->rsp});
    return std::move(made.frames);
}

}  // namespace interlock::snapshot
