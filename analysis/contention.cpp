// One pass over each log; a log's rows join those of the others only when it was read to its end.
#include "analysis/contention.hpp"

#include <compare>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "analysis/activity.hpp"
#include "analysis/duration_histogram.hpp"
#include "analysis/frequent_pairs.hpp"
#include "analysis/log_summary.hpp"
#include "analysis/naming.hpp"
#include "analysis/symbols/symboliser.hpp"
#include "analysis/trace/trace.hpp"
#include "analysis/user_place.hpp"

namespace interlock::analysis {

using format::event_kind;
namespace lock_flags = format::lock_flags;

namespace {

constexpr std::size_t rows_max = 100'000;

struct counters {
    std::uint64_t acquisitions = 0;
    std::uint64_t contended = 0;
    std::uint64_t gave_up = 0;
    duration_histogram waits;
    duration_histogram holds;
    frequent_pairs pairs;
};

/// Locks of one class: those that the user called so; else of one type and one place where they were first seen. A place inside of a
/// library is one for all locks of the program: there the variable counts instead.
struct class_key {
    format::string_id called{};
    format::stack_id stack{};
    format::site_id site{};
    format::object_type type{};
    std::string variable;  // lock_kind::word
    auto operator<=>(const class_key&) const = default;
};

/// Asks symbols once a place, and once a lock whose place tells nothing.
class lock_classes {
public:
    lock_classes(const trace::trace& log, naming& names) : log_{log}, names_{names} {}

    const class_key& of(format::object_id which) {
        const auto [it, fresh] = known_.try_emplace(number(which));
        if (fresh) it->second = made_of(which);
        return it->second;
    }

    bool is_of_library(format::site_id site) { return is_of_library(class_key{{}, {}, site, {}, {}}); }

private:
    class_key made_of(format::object_id which) {
        const trace::object& object = log_.names().object(which);
        if (object.lock_class != format::string_id::none) return {object.lock_class, {}, {}, {}, {}};
        const bool has_stack = object.created_at != format::stack_id::none;
        class_key made{{}, object.created_at, has_stack ? format::site_id::none : object.created_site, object.type, {}};
        if (!is_of_library(made)) return made;
        return {{}, {}, {}, object.type, names_.kind_of(graph::lock_of(which)).word};
    }

    bool is_of_library(const class_key& one) {
        const auto [it, fresh] = library_.try_emplace({one.stack, one.site});
        if (fresh) {
            const findings::stack created = names_.stack(one.stack, one.site);
            it->second = created.empty() || findings::is_library_frame(created.front());
        }
        return it->second;
    }

    const trace::trace& log_;
    naming& names_;
    std::unordered_map<std::uint32_t, class_key> known_;
    std::map<std::pair<format::stack_id, format::site_id>, bool> library_;
};

/// Counts one log.
class log_counter {
public:
    log_counter(const trace::trace& log, lock_classes& kinds)
        : log_{log},
          kinds_{kinds},
          passed_{{[this](const acquisition& one) { note(one); }, [this](const hold_span& one) { note(one); },
                   [this](const wait_span& one) { note(one); }}} {}

    void begin() {
        passed_.raise_limit(log_.file().size() / sizeof(format::slot));
        timed_ = log_.file().header().level == format::log_level::full;
        const std::uint64_t status = log_.file().live().status;
        reduced_ = timed_ && (status & format::process_status::reduced) != 0;
    }

    void take(const trace::event& e) {
        // What level `order` tells of acquisitions: those that bring something new. At `full` each has a record of its own.
        const bool is_order_record = e.kind == event_kind::acquire_bare || e.kind == event_kind::dependency;
        if (e.kind == event_kind::acquire_bare || (e.kind == event_kind::level_change && timed_))
            at_order_.insert(e.agent);
        if (is_order_record && (!timed_ || at_order_.contains(e.agent)))
            note(acquisition{e.agent, format::object_id{e.object}, e.flags});
        else if (e.kind == event_kind::semaphore_acquire && timed_)
            note(acquisition{e.agent, format::object_id{e.object}, 0});
        passed_.take(e);
    }
    void end() { passed_.finish(); }

    /// Of the longest waits for a lock.
    void note_place(bool is_known) noexcept { unplaced_ = unplaced_ || !is_known; }
    bool unplaced() const noexcept { return unplaced_; }
    bool timed() const noexcept { return timed_; }
    bool reduced() const noexcept { return reduced_; }
    std::uint64_t uncounted() const noexcept { return uncounted_.size(); }
    std::unordered_map<std::uint32_t, counters>& locks() noexcept { return locks_; }
    std::map<class_key, counters>& classes() noexcept { return classes_; }

private:
    std::uint64_t ns_between(std::uint64_t begin, std::uint64_t end) const noexcept {
        return end < begin ? 0 : static_cast<std::uint64_t>(log_.time().ns_of(end - begin));
    }

    /// Calls change(counters) for the lock and for its class.
    template <typename Change>
    void count(std::uint32_t object, Change&& change) {
        if (const auto known = locks_.find(object); known != locks_.end())
            change(known->second);
        else if (locks_.size() < rows_max)
            change(locks_[object]);
        else if (uncounted_.size() < rows_max)
            uncounted_.insert(object);
        const class_key& key = kinds_.of(format::object_id{object});
        if (const auto known = classes_.find(key); known != classes_.end())
            change(known->second);
        else if (classes_.size() < rows_max)
            change(classes_[key]);
    }

    void note(const acquisition& one) {
        count(number(one.object), [&](counters& c) {
            ++c.acquisitions;
            c.contended += (one.flags & lock_flags::contended) != 0;
        });
    }

    void note(const hold_span& one) {
        if (one.begin == 0 || one.end == 0) return;
        count(number(one.object), [&](counters& c) { c.holds.add(ns_between(one.begin, one.end)); });
    }

    void note(const wait_span& one) {
        if (one.what != waiting_for::lock && one.what != waiting_for::semaphore) return;
        if (one.end == 0 || one.how == wait_end::refused || one.how == wait_end::unknown) return;
        const std::uint64_t ns = ns_between(one.begin, one.end);
        count(one.object, [&](counters& c) {
            c.waits.add(ns);
            if (one.how == wait_end::gave_up) ++c.gave_up;
            // An acquisition says of itself that it found the lock busy; a semaphore's does not.
            if (one.what == waiting_for::semaphore && one.how == wait_end::granted) ++c.contended;
            if (one.freed_by.agent != format::agent_id::none)
                c.pairs.add({one.site, one.freed_by.acquired_at,
                             kinds_.is_of_library(one.site) ? one.stack : format::stack_id::none},
                            ns, one.agent, one.freed_by.agent);
        });
    }

    const trace::trace& log_;
    lock_classes& kinds_;
    activity passed_;
    bool timed_ = false;
    bool reduced_ = false;
    bool unplaced_ = false;
    std::set<format::agent_id> at_order_;
    std::unordered_map<std::uint32_t, counters> locks_;
    std::map<class_key, counters> classes_;
    std::set<std::uint32_t> uncounted_;
};

findings::durations durations_of(const duration_histogram& all) {
    return {all.count(), all.total(), all.quantile(0.5), all.quantile(0.99), all.max()};
}

findings::contention_row row_of(const counters& c) {
    findings::contention_row row;
    row.acquisitions = c.acquisitions;
    row.contended = c.contended;
    row.gave_up = c.gave_up;
    row.waits = durations_of(c.waits);
    row.holds = durations_of(c.holds);
    return row;
}

std::optional<findings::waiting_pair> worst_of(const counters& c, naming& names) {
    const counted_pair* worst = c.pairs.worst();
    if (worst == nullptr) return std::nullopt;
    findings::waiting_pair out;
    out.waits = worst->waits;
    out.wait_ns = worst->wait_ns;
    out.longest_ns = worst->longest_ns;
    out.waiter = names.thread(worst->waiter);
    out.holder = names.thread(worst->holder);
    out.waited_at = user_place(names, worst->places.waited_from, worst->places.waited);
    if (worst->places.held != format::site_id::none) out.acquired_at = user_place(names, worst->places.held);
    out.at_most = worst->inherited_ns != 0;
    return out;
}

/// A class over all logs. Its histograms are kept, since quantiles of parts do not add up.
struct class_total {
    findings::lock lock;
    std::size_t locks = 0;
    counters all;
    std::optional<findings::waiting_pair> worst;
};

void add(class_total& into, const counters& more, std::optional<findings::waiting_pair> worst) {
    into.all.acquisitions += more.acquisitions;
    into.all.contended += more.contended;
    into.all.gave_up += more.gave_up;
    into.all.waits.merge(more.waits);
    into.all.holds.merge(more.holds);
    if (worst && (!into.worst || worst->wait_ns > into.worst->wait_ns)) into.worst = std::move(worst);
}

/// What makes two classes of two logs one: the user's name, else the type and the place.
std::string text_of(const findings::lock& one) {
    if (!one.lock_class.empty()) return one.lock_class;
    std::string out = one.type + '\n' + one.name;
    for (const findings::frame& frame : one.created_at)
        out += '\n' + frame.file + '\n' + std::to_string(frame.line) + '\n' + frame.module + '\n' +
               std::to_string(frame.offset);
    return out;
}

}  // namespace

struct contention_analysis::state {
    symbols::symboliser symbols;
    findings::contention made;
    std::map<std::string, class_total> classes;

    std::optional<trace::problem> add(trace::trace& log);
    void take_locks(log_counter& counted, naming& names);
    void take_classes(log_counter& counted, const trace::trace& log, naming& names, lock_classes& kinds);
    void tell_limits(log_counter& counted, const trace::trace& log);
};

contention_analysis::contention_analysis() : state_{std::make_unique<state>()} {}
contention_analysis::~contention_analysis() = default;

std::optional<trace::problem> contention_analysis::add_log(const std::string& path) {
    trace::trace log;
    if (auto failed = log.open(path)) return failed;
    return state_->add(log);
}

std::optional<trace::problem> contention_analysis::adopt(std::string name, std::span<const std::byte> image) {
    trace::trace log;
    if (auto failed = log.adopt(std::move(name), image)) return failed;
    return state_->add(log);
}

std::optional<trace::problem> contention_analysis::state::add(trace::trace& log) {
    naming names(log, symbols, made.logs.size());
    lock_classes kinds(log, names);
    log_counter counted(log, kinds);
    counted.begin();
    const auto sink = [&](std::span<const trace::event> events) {
        for (const trace::event& e : events) counted.take(e);
    };
    if (auto failed = log.feed(sink, trace::expectation::nothing_more)) return failed;
    counted.end();
    take_locks(counted, names);
    take_classes(counted, log, names, kinds);
    tell_limits(counted, log);
    made.logs.push_back(summary_of(log));
    return std::nullopt;
}

void contention_analysis::state::take_locks(log_counter& counted, naming& names) {
    // In order of id, so that equal rows come out alike in every run.
    const std::map<std::uint32_t, counters*> sorted = [&] {
        std::map<std::uint32_t, counters*> out;
        for (auto& [object, c] : counted.locks()) out.emplace(object, &c);
        return out;
    }();
    for (const auto& [object, c] : sorted) {
        findings::contention_row row = row_of(*c);
        row.lock = names.lock(graph::lock_of(format::object_id{object}));
        row.worst = worst_of(*c, names);
        counted.note_place(!row.worst || !row.worst->waited_at.empty());
        made.locks.push_back(std::move(row));
    }
}

void contention_analysis::state::take_classes(log_counter& counted, const trace::trace& log, naming& names,
                                              lock_classes& kinds) {
    std::map<class_key, std::pair<std::size_t, format::object_id>> members;
    for (const format::object_id object : log.names().objects()) {
        const trace::object& known = log.names().object(object);
        if (!format::is_lock(known.type)) continue;
        const auto [at, is_new] = members.try_emplace(kinds.of(object), 0, object);
        ++at->second.first;
    }
    for (const auto& [key, c] : counted.classes()) {
        const auto member = members.find(key);
        if (member == members.end()) continue;
        findings::lock one = names.lock(graph::lock_of(member->second.second));
        one.id = one.address = 0;
        one.log = 0;
        const bool is_one_lock = member->second.first == 1 && one.lock_class.empty();
        if (!is_one_lock) one.name = key.variable;  // the type, of what nothing else is known of
        if (!one.lock_class.empty() || !key.variable.empty()) one.created_at.clear();
        class_total& total = classes[text_of(one)];
        total.lock = std::move(one);
        total.locks += member->second.first;
        analysis::add(total, c, worst_of(c, names));
    }
}

void contention_analysis::state::tell_limits(log_counter& counted, const trace::trace& log) {
    const std::string& path = log.file().path();
    const bool no_clock = counted.timed() && log.time().ticks_per_second() == 0;
    made.timed = made.timed || (counted.timed() && !no_clock);
    made.at_least = made.at_least || !counted.timed() || counted.reduced();
    if (!counted.timed())
        made.limits.push_back(path +
                              ": recorded at level order: acquisitions are those that brought something new, and "
                              "waits and holds were not timed; --record full does both");
    else if (counted.reduced())
        made.limits.push_back(path +
                              ": went on at level order when it came near its size limit: from there on only "
                              "acquisitions that brought something new are counted, and nothing is timed");
    if (counted.unplaced())
        made.limits.push_back(
            path +
            ": some waits have no place: they were made inside of a library's functions, as unoptimised "
            "code has them (std::mutex::lock), and of a wait the call alone is recorded");
    if (no_clock) made.limits.push_back(path + ": is too short to tell how fast its clock ticks: times are 0");
    if (!log.complete() || !log.well_formed())
        made.limits.push_back(path + ": events are missing: numbers are too low, and nothing is timed across a gap");
    if (counted.uncounted() > 0)
        made.limits.push_back(path + ": more than " + std::to_string(rows_max) +
                              " locks: the later ones are counted in their classes alone");
}

findings::contention contention_analysis::result() const {
    findings::contention out = state_->made;
    for (const auto& [text, total] : state_->classes) {
        findings::contention_row row = row_of(total.all);
        row.lock = total.lock;
        row.locks = total.locks;
        row.worst = total.worst;
        out.classes.push_back(std::move(row));
    }
    return out;
}

}  // namespace interlock::analysis
