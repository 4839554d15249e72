// The samples. Ids are large and out of order on purpose: reports number anew.
#include "tests/golden/samples.hpp"

#include <utility>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/mention.hpp"
#include "analysis/findings/severity.hpp"

namespace interlock::samples {

using namespace findings;

namespace {

frame at(const std::string& folder, std::string function, const std::string& file, std::uint32_t line,
         bool inlined = false) {
    return {std::move(function), folder + file, line, "/usr/local/bin/bank", 0x1000 + line * 16UL, inlined};
}

lock a_lock(std::uint64_t id, std::string name, std::string type = "mutex") {
    lock out;
    out.id = id;
    out.name = std::move(name);
    out.type = std::move(type);
    out.address = 0x7f0000001000 + id * 64;
    return out;
}

thread a_thread(std::uint64_t id, std::string name) {
    thread out;
    out.id = id;
    out.name = std::move(name);
    return out;
}

log_summary a_log() {
    log_summary out;
    out.path = "interlock.bank.4711.ilk";
    out.program = "/usr/local/bin/bank";
    out.pid = 4711;
    out.events = 52;
    out.threads = 3;
    out.locks = 2;
    out.acquisitions = 26;
    out.dependencies = 2;
    return out;
}

void finish(finding& what) {
    what.severity = severity_of(what.kind, what.verdict);
    what.id = fingerprint(what);
}

report_data with(finding what) {
    finish(what);
    report_data out;
    out.logs = {a_log()};
    out.findings = {std::move(what)};
    return out;
}

edge transfer(const std::string& folder, std::uint64_t thread, std::uint64_t held, std::uint64_t wanted,
              const std::string& caller, std::uint32_t line, std::uint32_t main_line) {
    const std::string function =
        "(anonymous namespace)::transfer((anonymous namespace)::account&, (anonymous namespace)::account&, long)";
    edge out;
    out.thread = thread;
    out.held = held;
    out.wanted = wanted;
    const frame calls = at(folder, caller, "bank.cpp", line);
    const frame starts = at(folder, "main", "bank.cpp", main_line);
    out.held_stack = {at(folder, function, "bank.cpp", 10), calls, starts};
    out.wanted_stack = {at(folder, function, "bank.cpp", 11), calls, starts};
    return out;
}

finding bank_finding(const std::string& folder) {
    finding out;
    out.locks = {a_lock(31, "accounts[0].m"), a_lock(17, "accounts[1].m")};
    out.threads = {a_thread(9, "alice"), a_thread(5, "bob")};
    out.edges = {transfer(folder, 9, 31, 17, "pay_rent()", 17, 27), transfer(folder, 5, 17, 31, "refund()", 22, 28)};
    out.occurrences = 24;
    out.advice = "take both at once, std::scoped_lock(from.m, to.m), or always the lower address first.";
    return out;
}

/// Nothing has a name, every stack is another, the held ones were pieced together: the longest report of two locks.
finding nameless(const std::string& folder) {
    finding out;
    out.locks = {a_lock(3, ""), a_lock(8, "", "shared-mutex")};
    out.locks[0].created_at = {at(folder, "cache::cache(int)", "cache.cpp", 12), at(folder, "main", "main.cpp", 70)};
    out.threads = {a_thread(2, ""), a_thread(4, "")};
    for (thread& one : out.threads)
        one.created_at = {at(folder, "start_workers(int)", "main.cpp", 40 + static_cast<std::uint32_t>(one.id))};
    edge first;
    first.thread = 2;
    first.held = 3;
    first.wanted = 8;
    first.wanted_mode = lock_mode::shared;
    first.held_stack = {at(folder, "cache::evict()", "cache.cpp", 31, true),
                        at(folder, "cache::put(item)", "cache.cpp", 44), at(folder, "worker(int)", "main.cpp", 21)};
    first.wanted_stack = {at(folder, "index::find(key) const", "index.cpp", 8),
                          at(folder, "cache::evict()", "cache.cpp", 33),
                          at(folder, "cache::put(item)", "cache.cpp", 44),
                          at(folder, "worker(int)", "main.cpp", 21),
                          at(folder, "main::{lambda()#1}::operator()() const", "main.cpp", 45),
                          at(folder, "outermost()", "main.cpp", 99),
                          at(folder, "more()", "main.cpp", 100)};
    first.approximate = true;
    edge second;
    second.thread = 4;
    second.held = 8;
    second.wanted = 3;
    second.held_stack = {at(folder, "index::rebuild()", "index.cpp", 50), at(folder, "tick()", "main.cpp", 30)};
    second.wanted_stack = {at(folder, "cache::forget(key)", "cache.cpp", 60),
                           at(folder, "index::rebuild()", "index.cpp", 52), at(folder, "tick()", "main.cpp", 30)};
    out.edges = {first, second};
    out.occurrences = 3;
    out.also = 2;
    return out;
}

finding guarded(const std::string& folder) {
    finding out = bank_finding(folder);
    out.verdict = verdict::guarded;
    out.advice.clear();
    out.locks.push_back(a_lock(50, "gate"));
    for (edge& side : out.edges) side.guards = {50};
    out.why = mention_thread(9) + " and " + mention_thread(5) + " both hold " + mention_lock(50) +
              " exclusively when they ask";
    return out;
}

finding across_tests(const std::string& folder) {
    finding out = bank_finding(folder);
    out.edges[0].test = "bank.pays_rent";
    out.edges[1].test = "bank.refunds";
    out.edges[1].thread_test = "bank.starts_its_workers";
    return out;
}

finding ordered(const std::string& folder) {
    finding out = bank_finding(folder);
    out.verdict = verdict::ordered;
    out.why = mention_thread(9) + " was joined before " + mention_thread(5) + " was started";
    return out;
}

finding single_thread(const std::string& folder) {
    finding out = bank_finding(folder);
    out.verdict = verdict::single_thread;
    out.threads.pop_back();
    out.edges[1].thread = 9;
    return out;
}

finding escapable(const std::string& folder) {
    finding out = bank_finding(folder);
    out.verdict = verdict::escapable;
    out.edges[1].timed = true;
    return out;
}

finding stuck(const std::string& folder) {
    finding out = bank_finding(folder);
    out.kind = kind::deadlock;
    out.verdict = verdict::observed;
    return out;
}

/// Two consumers and a producer that wait for conditions of their own; one keeps the lock from the thread that would notify.
finding stalled(const std::string& folder) {
    finding out;
    out.kind = kind::stalled;
    out.verdict = verdict::observed;
    out.locks = {a_lock(21, "not_empty", "condition"), a_lock(12, "", "condition")};
    out.threads = {a_thread(7, "consumer"), a_thread(6, "consumer"), a_thread(8, "producer")};
    out.stack = {at(folder, "consume()", "queue.cpp", 33), at(folder, "run_consumer()", "queue.cpp", 50)};
    out.waits = {{7, 21, out.stack},
                 {6, 21, out.stack},
                 {8, 12, {at(folder, "produce()", "queue.cpp", 61), at(folder, "main", "main.cpp", 5)}}};
    findings::bystander notifier;
    notifier.who = a_thread(9, "notifier");
    notifier.wanted = a_lock(30, "registry");
    notifier.at = {at(folder, "notify()", "queue.cpp", 70)};
    out.behind = {notifier};
    out.holds = {{out.threads[1], notifier.wanted, lock_mode::shared, {at(folder, "subscribe()", "queue.cpp", 29)}}};
    out.message = mention_thread(7) + " and " + mention_thread(6) + " wait for " + mention_lock(21) + ", " +
                  mention_thread(8) + " for " + mention_lock(12) + ", and nobody is left to end that";
    out.why = "no other thread runs, and none that is left ever signalled what they wait for";
    out.advice = "signal after the waiter's condition was made true.";
    return out;
}

finding self_deadlock(const std::string& folder) {
    finding out;
    out.kind = kind::self_deadlock;
    out.verdict = verdict::observed;
    out.locks = {a_lock(1, "journal")};
    out.threads = {a_thread(1, "main")};
    edge side;
    side.thread = 1;
    side.held = side.wanted = 1;
    side.held_stack = {at(folder, "append(entry)", "journal.cpp", 12), at(folder, "main", "main.cpp", 5)};
    side.wanted_stack = {at(folder, "flush()", "journal.cpp", 20), at(folder, "append(entry)", "journal.cpp", 14),
                         at(folder, "main", "main.cpp", 5)};
    out.edges = {side};
    return out;
}

finding misuse(const std::string& folder) {
    finding out;
    out.kind = kind::unlock_not_owner;
    out.verdict = verdict::observed;
    out.locks = {a_lock(4, "queue.m")};
    out.threads = {a_thread(2, "consumer"), a_thread(3, "producer")};
    out.stack = {at(folder, "consume()", "queue.cpp", 33), at(folder, "run_consumer()", "queue.cpp", 50)};
    out.message = mention_thread(2) + " unlocks " + mention_lock(4) + ", which " + mention_thread(3) + " holds";
    return out;
}

/// Both sides hold a lock, not the same one.
finding race(const std::string& folder) {
    finding out;
    out.kind = kind::data_race;
    out.verdict = verdict::observed;
    out.locks = {a_lock(7, "readers.m"), a_lock(6, "writers.m")};
    out.threads = {a_thread(2, "reader"), a_thread(3, "writer")};
    out.variable = "balance";
    access later;
    later.thread = 2;
    later.size = 8;
    later.address = 0x404080;
    later.memory = "balance, a global of 8 bytes";
    later.stack = {at(folder, "read_balance()", "bank.cpp", 17), at(folder, "main", "bank.cpp", 27)};
    later.locks_held = {7};
    access earlier = later;
    earlier.thread = 3;
    earlier.does = access_kind::write;
    earlier.stack = {at(folder, "deposit(long)", "bank.cpp", 22), at(folder, "main", "bank.cpp", 28)};
    earlier.locks_held = {6};
    out.accesses = {later, earlier};
    out.message = mention_thread(2) + " and " + mention_thread(3) + " access balance, and nothing orders them";
    out.why = "no lock is common to both, and neither learnt of the other";
    out.advice = "guard both with the same lock, or make it a std::atomic.";
    return out;
}

/// `count` threads round a ring of locks.
finding ring(const std::string& folder, std::uint64_t count) {
    finding out;
    for (std::uint64_t i = 0; i < count; ++i) {
        out.locks.push_back(a_lock(i + 1, "forks[" + std::to_string(i) + ']'));
        out.threads.push_back(a_thread(i + 1, "philosopher " + std::to_string(i)));
        edge side;
        side.thread = i + 1;
        side.held = i + 1;
        side.wanted = (i + 1) % count + 1;
        side.held_stack = {at(folder, "dine(int)", "dine.cpp", 7)};
        side.wanted_stack = {at(folder, "dine(int)", "dine.cpp", 8)};
        out.edges.push_back(std::move(side));
    }
    return out;
}

/// No symbols anywhere, and a damaged log.
report_data without_symbols() {
    finding what = bank_finding("");
    what.verdict = verdict::unverifiable;
    what.why = "12 events of bob are missing, among them perhaps a join";
    what.advice.clear();
    for (edge& side : what.edges)
        for (stack* frames : {&side.held_stack, &side.wanted_stack})
            for (frame& one : *frames) one = {"", "", 0, "/usr/lib/libbank.so", one.offset, false};
    report_data out = with(std::move(what));
    out.logs[0].complete = false;
    out.logs[0].lost_events = 12;
    out.logs[0].blind_spots = {"a library was loaded with RTLD_DEEPBIND: libplugin.so",
                               "/usr/lib/libbank.so: no symbols: the file was changed since (another build-id)"};
    return out;
}

/// Several findings in no order, one of them suppressed and one in the baseline, from two logs.
report_data mixed(const std::string& folder) {
    report_data out = with(guarded(folder));
    for (finding one : {misuse(folder), nameless(folder), bank_finding(folder)}) {
        finish(one);
        out.findings.push_back(std::move(one));
    }
    finding hidden = ring(folder, 3);
    finish(hidden);
    hidden.suppressed = hidden.suppressed_in_source = true;
    hidden.suppressed_by = folder + "bank.cpp:14: the ring is closed at start alone";
    out.findings.push_back(std::move(hidden));
    finding before = ordered(folder);
    finish(before);
    before.known = out.has_baseline = true;
    out.findings.push_back(std::move(before));
    out.logs.push_back(a_log());
    out.logs[1].pid = 4712;
    out.logs[1].path = "interlock.bank.4712.ilk";
    finding elsewhere = self_deadlock(folder);
    elsewhere.edges[0].log = elsewhere.locks[0].log = elsewhere.threads[0].log = 1;
    finish(elsewhere);
    out.findings.push_back(std::move(elsewhere));
    out.harmless_cycles = 3;
    out.harmless_mutual_exclusion = 2;
    out.harmless_hold_and_wait = 1;
    out.cycles_not_listed = 7;
    return out;
}

report_data clean() {
    report_data out;
    out.logs = {a_log()};
    return out;
}

}  // namespace

report_data bank(const std::string& folder) { return with(bank_finding(folder)); }

std::vector<sample> reports(const std::string& folder) {
    return {{"bank", bank(folder)},
            {"nameless", with(nameless(folder))},
            {"across_tests", with(across_tests(folder))},
            {"guarded", with(guarded(folder))},
            {"ordered", with(ordered(folder))},
            {"single_thread", with(single_thread(folder))},
            {"escapable", with(escapable(folder))},
            {"deadlock", with(stuck(folder))},
            {"stalled", with(stalled(folder))},
            {"self_deadlock", with(self_deadlock(folder))},
            {"misuse", with(misuse(folder))},
            {"data_race", with(race(folder))},
            {"ring_of_30", with(ring(folder, 30))},
            {"without_symbols", without_symbols()},
            {"mixed", mixed(folder)},
            {"clean", clean()}};
}

lock_order graph(const std::string& folder) {
    lock_order out;
    out.locks = {a_lock(31, "accounts[0].m"), a_lock(17, "accounts[1].m"), a_lock(40, "", "shared-mutex")};
    out.threads = {a_thread(9, "alice"), a_thread(5, "bob")};
    order_edge there;
    there.held = 31;
    there.wanted = 17;
    there.occurrences = 12;
    there.threads = {9, 5};
    there.in_cycle = true;
    there.wanted_stack = {at(folder, "transfer(account&, account&, long)", "bank.cpp", 11)};
    order_edge back = there;
    std::swap(back.held, back.wanted);
    back.occurrences = 2;
    order_edge tried = there;
    tried.wanted = 40;
    tried.wanted_mode = lock_mode::shared;
    tried.blocking = false;
    tried.in_cycle = false;
    tried.wanted_stack.clear();
    out.edges = {back, there, tried};
    out.logs = {a_log()};
    return out;
}

}  // namespace interlock::samples
