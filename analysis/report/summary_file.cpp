// Each structure's fields are named once, in about(), for both directions.
#include "analysis/report/summary_file.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"

namespace interlock::report {
namespace {

using json = nlohmann::ordered_json;
using findings::run_summary;

constexpr std::string_view magic = R"({"format":"interlock-summary")";
constexpr int version = 2;

/// What is wrong with a line beyond its syntax.
class unreadable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

template <typename Type>
struct is_vector : std::false_type {};
template <typename Item>
struct is_vector<std::vector<Item>> : std::true_type {};

template <typename Enumeration>
Enumeration from_word(const std::string& word) {
    for (int i = 0; i < 256; ++i) {
        const std::string_view name = findings::name(static_cast<Enumeration>(i));
        if (name.empty()) break;
        if (name == word) return static_cast<Enumeration>(i);
    }
    throw unreadable("'" + word + "' is not known");
}

struct to_json {
    json out = json::object();
    template <typename Type>
    void operator()(const char* name, const Type& value) {
        if constexpr (std::is_same_v<Type, bool> || std::is_arithmetic_v<Type>) {
            if (value != Type{}) out[name] = value;
        } else if constexpr (std::is_enum_v<Type>) {
            out[name] = findings::name(value);
        } else if constexpr (std::is_same_v<Type, std::string>) {
            if (!value.empty()) out[name] = value;
        } else if constexpr (is_vector<Type>::value) {
            if (value.empty()) return;
            json& all = out[name] = json::array();
            for (const auto& each : value) all.push_back(one(each));
        } else {
            out[name] = one(value);
        }
    }
    template <typename Type>
    static json one(const Type& value) {
        if constexpr (std::is_arithmetic_v<Type> || std::is_same_v<Type, std::string>) {
            return value;
        } else {
            to_json inner;
            about(inner, const_cast<Type&>(value));  // only looked at: about() serves both directions
            return std::move(inner.out);
        }
    }
};

struct from_json {
    const json& in;
    template <typename Type>
    void operator()(const char* name, Type& value) {
        const auto at = in.find(name);
        if (at == in.end()) {
            if constexpr (std::is_enum_v<Type>) throw unreadable(fmt::format("'{}' is missing", name));
            if constexpr (std::is_arithmetic_v<Type>) value = Type{};
            return;
        }
        try {
            read(*at, value);
        } catch (const json::exception&) {
            throw unreadable(fmt::format("'{}' is not what it should be", name));
        }
    }
    template <typename Type>
    static void read(const json& from, Type& value) {
        if constexpr (std::is_same_v<Type, bool> || std::is_same_v<Type, std::string>) {
            value = from.get<Type>();
        } else if constexpr (std::is_arithmetic_v<Type>) {
            if (!from.is_number_unsigned()) throw unreadable("a number is negative, or none");
            const std::uint64_t number = from.get<std::uint64_t>();
            value = static_cast<Type>(number);
            if (value != number) throw unreadable("a number is too large");
        } else if constexpr (std::is_enum_v<Type>) {
            value = from_word<Type>(from.get<std::string>());
        } else if constexpr (is_vector<Type>::value) {
            if (!from.is_array()) throw unreadable("a list is none");
            for (const json& each : from) read(each, value.emplace_back());
        } else {
            if (!from.is_object()) throw unreadable("an object is none");
            from_json inner{from};
            about(inner, value);
        }
    }
};

void about(auto& field, findings::frame& one) {
    field("function", one.function);
    field("file", one.file);
    field("line", one.line);
    field("module", one.module);
    field("offset", one.offset);
    field("inlined", one.inlined);
}

void about(auto& field, findings::lock& one) {
    field("id", one.id);
    field("name", one.name);
    field("named_by_user", one.named_by_user);
    field("type", one.type);
    field("class", one.lock_class);
    field("address", one.address);
    field("created_at", one.created_at);
}

void about(auto& field, findings::thread& one) {
    field("id", one.id);
    field("task", one.task);
    field("name", one.name);
    field("created_at", one.created_at);
}

void about(auto& field, findings::edge& one) {
    field("thread", one.thread);
    field("held", one.held);
    field("wanted", one.wanted);
    field("held_mode", one.held_mode);
    field("wanted_mode", one.wanted_mode);
    field("timed", one.timed);
    field("guards", one.guards);
    field("held_stack", one.held_stack);
    field("wanted_stack", one.wanted_stack);
    field("approximate", one.approximate);
    field("signals", one.signals);
    field("in_handler", one.in_handler);
    field("refused", one.refused);
    field("test", one.test);
    field("thread_test", one.thread_test);
}

void about(auto& field, findings::access& one) {
    field("thread", one.thread);
    field("does", one.does);
    field("size", one.size);
    field("address", one.address);
    field("memory", one.memory);
    field("stack", one.stack);
    field("locks_held", one.locks_held);
}

void about(auto& field, findings::condition& one) {
    field("holds", one.holds);
    field("because", one.because);
}

void about(auto& field, findings::coffman_conditions& one) {
    field("mutual_exclusion", one.mutual_exclusion);
    field("hold_and_wait", one.hold_and_wait);
    field("no_preemption", one.no_preemption);
    field("circular_wait", one.circular_wait);
}

void about(auto& field, findings::bystander& one) {
    field("thread", one.who);
    field("wanted", one.wanted);
    field("stack", one.at);
}

void about(auto& field, findings::stuck_wait& one) {
    field("thread", one.thread);
    field("wanted", one.wanted);
    field("stack", one.at);
}

void about(auto& field, findings::wanted_hold& one) {
    field("thread", one.who);
    field("lock", one.held);
    field("mode", one.mode);
    field("stack", one.at);
}

/// All but the conditions, which may be missing, and what a finding does not keep from file to file (suppressed, known).
void about(auto& field, findings::finding& one) {
    field("id", one.id);
    field("kind", one.kind);
    field("verdict", one.verdict);
    field("severity", one.severity);
    field("message", one.message);
    field("why", one.why);
    field("locks", one.locks);
    field("threads", one.threads);
    field("edges", one.edges);
    field("accesses", one.accesses);
    field("variable", one.variable);
    field("stack", one.stack);
    field("wrapper", one.wrapper);
    field("holder", one.holder);
    field("held_stack", one.held_stack);
    field("advice", one.advice);
    field("also", one.also);
    field("closing", one.closing);
    field("stuck", one.stuck);
    field("waits", one.waits);
    field("behind", one.behind);
    field("holds", one.holds);
}

void about(auto& field, findings::log_summary& one) {
    field("path", one.path);
    field("program", one.program);
    field("pid", one.pid);
    field("events", one.events);
    field("lost_events", one.lost_events);
    field("threads", one.threads);
    field("locks", one.locks);
    field("acquisitions", one.acquisitions);
    field("acquisitions_unknown", one.acquisitions_unknown);
    field("dependencies", one.dependencies);
    field("complete", one.complete);
    field("gaps", one.gaps);
    field("blind_spots", one.blind_spots);
}

void about(auto& field, findings::run_of_log& one) {
    field("id", one.id);
    field("log", one.log);
    field("harmless_cycles", one.harmless_cycles);
    field("harmless_mutual_exclusion", one.harmless_mutual_exclusion);
    field("harmless_hold_and_wait", one.harmless_hold_and_wait);
    field("cycles_not_listed", one.cycles_not_listed);
    field("hands_out", one.hands_out);
}

void about(auto& field, findings::birth_frame& one) {
    field("function", one.function);
    field("key", one.key);
    field("word", one.word);
}

void about(auto& field, findings::lock_kind& one) {
    field("key", one.key);
    field("word", one.word);
    field("name", one.name);
    field("single", one.single);
    field("births", one.births);
}

void about(auto& field, findings::guard_kind& one) {
    field("key", one.key);
    field("mode", one.mode);
}

void about(auto& field, findings::kind_edge& one) {
    field("held", one.held);
    field("wanted", one.wanted);
    field("held_mode", one.held_mode);
    field("wanted_mode", one.wanted_mode);
    field("timed", one.timed);
    field("blocking", one.blocking);
    field("guards", one.guards);
    field("held_function", one.held_function);
    field("wanted_function", one.wanted_function);
}

void about(auto& field, findings::edge_example& one) {
    field("side", one.side);
    field("held", one.held);
    field("wanted", one.wanted);
    field("guards", one.guards);
    field("who", one.who);
}

/// Ascending numbers as "0-5,7".
std::string as_ranges(const std::vector<std::uint32_t>& numbers) {
    std::string out;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
        out += (out.empty() ? "" : ",") + std::to_string(numbers[i]);
        if (end - i > 1) out += '-' + std::to_string(numbers[end - 1]);
        i = end;
    }
    return out;
}

class range_reader {
public:
    range_reader(std::string_view text, std::size_t runs) : text_{text}, runs_{runs} {}

    std::vector<std::uint32_t> read() {
        std::vector<std::uint32_t> made;
        while (!text_.empty()) {
            const std::uint32_t first = number();
            std::uint32_t last = first;
            if (text_.starts_with('-')) {
                text_.remove_prefix(1);
                last = number();
            }
            if (last < first || (!made.empty() && first <= made.back())) throw unreadable("'runs' are not in order");
            for (std::uint32_t run = first; run <= last; ++run) made.push_back(run);
            if (text_.empty()) break;
            if (!text_.starts_with(',')) throw unreadable("'runs' is not of the form 0-5,7");
            text_.remove_prefix(1);
        }
        if (made.empty()) throw unreadable("'runs' names none");
        return made;
    }

private:
    std::uint32_t number() {
        std::uint64_t value = 0;
        std::size_t digits = 0;
        while (digits < text_.size() && digits < 10 && text_[digits] >= '0' && text_[digits] <= '9')
            value = value * 10 + static_cast<std::uint64_t>(text_[digits++] - '0');
        if (digits == 0) throw unreadable("'runs' is not of the form 0-5,7");
        if (value >= runs_) throw unreadable(fmt::format("run {} is not there", value));
        text_.remove_prefix(digits);
        return static_cast<std::uint32_t>(value);
    }

    std::string_view text_;
    std::size_t runs_;
};

std::string line_of(const json& one) { return one.dump(-1, ' ', true, json::error_handler_t::replace) + '\n'; }

std::uint32_t run_at(const json& line, const char* name, std::size_t runs) {
    const auto at = line.find(name);
    if (at == line.end() || !at->is_number_unsigned() || at->get<std::uint64_t>() >= runs)
        throw unreadable(fmt::format("'{}' is no run of this file", name));
    return at->get<std::uint32_t>();
}

void read_finding(const json& line, run_summary& into) {
    findings::finding_seen one;
    const json& what = line.at("finding");
    from_json::read(what, one.what);
    if (const auto four = what.find("coffman"); four != what.end()) from_json::read(*four, one.what.coffman.emplace());
    one.run = run_at(line, "of", into.runs.size());
    findings::set_run(one.what, one.run);
    for (const json& each : line.at("occurred")) {
        if (!each.is_array() || each.size() != 2 || !each[0].is_number_unsigned() || !each[1].is_number_unsigned() ||
            each[0].get<std::uint64_t>() >= into.runs.size())
            throw unreadable("'occurred' is not a list of runs and numbers");
        one.occurred[each[0].get<std::uint32_t>()] = each[1].get<std::uint64_t>();
    }
    if (!one.occurred.contains(one.run)) throw unreadable("'of' is not among those of 'occurred'");
    if (one.what.id.empty()) throw unreadable("'id' is missing");
    const std::string key = findings::key_of(one.what);
    into.findings[key] = std::move(one);
}

void read_edge(const json& line, run_summary& into) {
    findings::kind_edge key;
    from_json::read(line.at("edge"), key);
    findings::edge_seen seen;
    from_json::read(line.at("example"), seen.example);
    if (seen.example.guards.size() != key.guards.size()) throw unreadable("'guards' are not as many as in the example");
    seen.runs = range_reader(line.at("runs").get_ref<const std::string&>(), into.runs.size()).read();
    const std::uint32_t of = run_at(line, "of", into.runs.size());
    findings::set_run(seen.example, of);
    if (!std::binary_search(seen.runs.begin(), seen.runs.end(), of)) throw unreadable("'of' is not among 'runs'");
    into.edges[std::move(key)] = std::move(seen);
}

void read_line(const json& line, run_summary& into) {
    if (!line.is_object()) throw unreadable("not an object");
    if (line.contains("run")) {
        from_json::read(line.at("run"), into.runs.emplace_back());
        if (into.runs.back().id.empty()) throw unreadable("'id' is missing");
    } else if (line.contains("finding")) {
        read_finding(line, into);
    } else if (line.contains("edge")) {
        read_edge(line, into);
    } else {
        throw unreadable("neither a run nor a finding nor an edge");
    }
}

/// nlohmann's messages begin with a number of its own and tell the place in a line of ours, which is the whole text here.
std::string reason_of(const json::exception& wrong) {
    std::string text = wrong.what();
    if (const std::size_t end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
    return text;
}

}  // namespace

bool is_summary(std::string_view begin) noexcept { return begin.starts_with(magic); }

void write_summary(const run_summary& given, std::string_view tool_version,
                   const std::function<void(std::string_view)>& sink) {
    const run_summary all = findings::in_canonical_order(given);
    sink(line_of({{"format", "interlock-summary"},
                  {"version", version},
                  {"tool", tool_version},
                  {"runs", all.runs.size()},
                  {"findings", all.findings.size()},
                  {"edges", all.edges.size()}}));
    for (const findings::run_of_log& one : all.runs) sink(line_of({{"run", to_json::one(one)}}));
    for (const auto& [id, one] : all.findings) {
        json what = to_json::one(one.what);
        if (one.what.coffman) what["coffman"] = to_json::one(*one.what.coffman);
        json occurred = json::array();
        for (const auto& [run, often] : one.occurred) occurred.push_back({run, often});
        sink(line_of({{"finding", std::move(what)}, {"of", one.run}, {"occurred", std::move(occurred)}}));
    }
    for (const auto& [key, one] : all.edges)
        sink(line_of({{"edge", to_json::one(key)},
                      {"runs", as_ranges(one.runs)},
                      {"of", one.example.side.log},
                      {"example", to_json::one(one.example)}}));
}

std::optional<std::string> read_summary(std::string_view path, std::string_view text, run_summary& into) {
    std::size_t number = 0;
    std::uint64_t expected = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty()) continue;
        const auto wrong = [&](std::string_view why) { return fmt::format("{}:{}: {}", path, number, why); };
        try {
            const json one = json::parse(line);
            if (number == 1) {
                if (one.value("format", "") != "interlock-summary") return wrong("not a summary of interlock merge");
                if (one.value("version", 0) != version)
                    return wrong(
                        fmt::format("a summary of another version than {}: make it anew from its logs", version));
                expected = one.value("runs", std::uint64_t{0}) + one.value("findings", std::uint64_t{0}) +
                           one.value("edges", std::uint64_t{0});
                continue;
            }
            read_line(one, into);
        } catch (const unreadable& why) {
            return wrong(why.what());
        } catch (const json::exception& why) {
            return wrong(reason_of(why));
        }
    }
    if (into.runs.size() + into.findings.size() + into.edges.size() != expected)
        return fmt::format("{}:{}: the file ends before what its first line promises, or names something twice", path,
                           number);
    return std::nullopt;
}

}  // namespace interlock::report
