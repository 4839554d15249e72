#include "tests/support/every_kind_log.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace interlock::testing {
namespace {

using format::event_kind;
using format::number;
using format::slot;

/// Writes kinds with plausible fields and remembers which were written.
class writer {
public:
    explicit writer(log_builder& to) : to_(to) {}

    void write(format::agent_id agent, event_kind kind, std::uint32_t object, std::uint32_t sequence,
               std::uint8_t flags = 0) {
        written_.insert(kind);
        std::array<slot, format::race_slots + 1> more{};  // the widest
        if (kind == event_kind::lock_init)
            more[0] = format::encode(format::object_payload{0x7000'1000, stack, name});
        else if (kind == event_kind::dependency || kind == event_kind::join_dependency)
            more[0] = format::encode(format::dependency_payload{format::dependency_id{1}, stack, 1});
        else if (kind == event_kind::condition_wait)
            more[0] = format::encode(format::wait_payload{lock, 0});
        else if (kind == event_kind::alarm_race || kind == event_kind::alarm_atomicity) {
            std::ranges::copy(format::encode(format::race_payload{}), more.begin());
            more.back() = format::encode(format::access_payload{0x7000'3000, 4, stack});
        } else
            more[0] = format::encode(format::range_payload{0x7000'2000, 64});
        to_.record(agent, kind, flags, site, object, sequence, {more.data(), format::continuation_slots(kind, 0)});
    }
    void mark(event_kind kind) { written_.insert(kind); }
    bool has(event_kind kind) const { return written_.contains(kind); }

    format::site_id site{};
    format::stack_id stack{};
    format::string_id name{};
    format::object_id lock{};

private:
    log_builder& to_;
    std::set<event_kind> written_;
};

void define(log_builder& log, writer& out, format::agent_id main) {
    const std::uint64_t frames[] = {0x40'1000, 0x40'2000, 0x40'3000};
    out.site = log.define_site(main, 0x40'1000);
    out.stack = log.define_stack(main, frames);
    out.name = log.define_string(main, "a name that needs two slots");
    format::module_payload module;
    module.bias = module.begin = 0x40'0000;
    module.end = 0x50'0000;
    module.path = log.define_string(main, "/usr/bin/program");
    module.build_id_size = 4;
    module.build_id = {1, 2, 3, 4};
    log.define_module(main, module);
    const auto other = log.define_module(main, module, 1);
    log.record(main, event_kind::module_unload, 0, {}, number(other), 2);
    log.define_held_set(main, {}, {out.lock, 0, out.stack, false});
    for (const event_kind kind : {event_kind::site, event_kind::stack, event_kind::string, event_kind::module_load,
                                  event_kind::module_unload, event_kind::held_set})
        out.mark(kind);
}

}  // namespace

log_image every_kind_log() {
    log_builder log;
    writer out(log);
    const auto main = log.make_agent(format::agent_type::main_thread);
    out.lock = log.make_object();
    out.write(main, event_kind::agent_start, 0, 1001, static_cast<std::uint8_t>(format::agent_type::main_thread));
    define(log, out, main);

    out.write(main, event_kind::agent_create, 2, number(out.stack));
    const auto child = log.make_agent();
    out.write(child, event_kind::agent_start, number(main), 1002);
    out.write(child, event_kind::acquire, number(out.lock), log.next_number(out.lock));
    out.write(child, event_kind::release, number(out.lock), log.next_number(out.lock));

    // A loss record would make the log incomplete, a time record belongs where the clock has leapt; the rest by number.
    log.operand_record(main, event_kind::time, 0, {}, log.now());
    out.mark(event_kind::time);
    out.mark(event_kind::loss);
    for (const event_kind kind : {event_kind::task_submit, event_kind::task_start, event_kind::task_suspend,
                                  event_kind::task_resume, event_kind::task_finish, event_kind::task_wait})
        out.write(main, kind, 3, 0);
    out.mark(event_kind::agent_exit);
    out.mark(event_kind::agent_join);
    for (int value = 2; value < 256; ++value) {
        const auto kind = static_cast<event_kind>(value);
        if (!format::is_lead(kind) || out.has(kind)) continue;
        const bool of_agent = kind >= event_kind::agent_create && kind <= event_kind::join_dependency;
        const bool named =
            kind == event_kind::agent_name || kind == event_kind::lock_name || kind == event_kind::lock_class;
        const std::uint32_t sequence = format::is_numbered(kind) ? log.next_number(out.lock)
                                       : named                   ? number(out.name)
                                                                 : 1;
        out.write(main, kind, of_agent ? number(child) : number(out.lock), sequence, 1);
    }
    log.seal(main);
    log.want(main, number(child), 0, event_kind::join_request, 0x40'1000);
    log.hold(child, out.lock, 0, 1, 0x40'1000);
    return log.image();
}

}  // namespace interlock::testing
