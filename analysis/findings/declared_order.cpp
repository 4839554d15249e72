// Model: a relation over names, the union of all pairs of ascending ranks and the pairs allowed; what its closure has may nest.
#include "analysis/findings/declared_order.hpp"

#include <algorithm>

#include <toml++/toml.h>

namespace interlock::findings {
namespace {

/// A basic string of TOML: of any name the same name is read.
std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        const auto code = static_cast<unsigned char>(c);
        if (code < ' ' || code == 0x7F)
            out += {'\\', 'u', '0', '0', "0123456789ABCDEF"[code >> 4], "0123456789ABCDEF"[code & 15]};
        else if (c == '"' || c == '\\')
            out += {'\\', c};
        else
            out += c;
    }
    return out + '"';
}

}  // namespace

/// What is wrong with the file, thrown no further than read().
struct wrong_file {
    std::uint32_t line = 0;
    std::string why;
};

struct declared_order::reader {
    declared_order& into;

    static std::uint32_t line_of(const toml::node& one) { return one.source().begin.line; }

    static std::string name_in(const toml::table& from, std::string_view key, std::uint32_t line) {
        const toml::node* one = from.get(key);
        if (one == nullptr) throw wrong_file{line, "an [[allow]] needs held and wanted"};
        if (!one->is_string() || one->as_string()->get().empty())
            throw wrong_file{line_of(*one), std::string(key) + " is not the name of a lock"};
        return one->as_string()->get();
    }

    void read_ranks(const toml::node& what) const {
        if (!what.is_table()) throw wrong_file{line_of(what), "ranks is not a table"};
        for (const auto& [key, value] : *what.as_table()) {
            if (key.str().empty()) throw wrong_file{line_of(value), "ranks has a lock without a name"};
            if (!value.is_integer())
                throw wrong_file{line_of(value), "the rank of " + std::string(key.str()) + " is not a whole number"};
            into.ranks_[std::string(key.str())] = {value.as_integer()->get(), line_of(value)};
        }
    }

    void read_allowed(const toml::node& what) const {
        const bool is_empty = what.is_array() && what.as_array()->empty();
        if (!is_empty && !what.is_array_of_tables())
            throw wrong_file{line_of(what), "allow is not a list of tables: write [[allow]]"};
        for (const toml::node& each : *what.as_array()) {
            const toml::table& one = *each.as_table();
            for (const auto& [key, value] : one)
                if (key.str() != "held" && key.str() != "wanted" && key.str() != "reason")
                    throw wrong_file{line_of(value),
                                     "unknown key '" + std::string(key.str()) + "' (known: held, wanted, reason)"};
            const std::string held = name_in(one, "held", line_of(each));
            const std::string wanted = name_in(one, "wanted", line_of(each));
            if (const toml::node* reason = one.get("reason"); reason != nullptr && !reason->is_string())
                throw wrong_file{line_of(*reason), "reason is not a text"};
            if (held == wanted) throw wrong_file{line_of(each), "for locks of one class write inside = [...]"};
            into.allowed_.try_emplace({held, wanted}, line_of(each));
        }
    }

    void read_inside(const toml::node& what) const {
        if (!what.is_array()) throw wrong_file{line_of(what), "inside is not a list of names"};
        for (const toml::node& each : *what.as_array()) {
            if (!each.is_string() || each.as_string()->get().empty())
                throw wrong_file{line_of(each), "inside has something else than names"};
            into.inside_.try_emplace(each.as_string()->get(), line_of(each));
        }
    }

    void read(const toml::table& whole) const {
        for (const auto& [key, value] : whole) {
            if (key.str() == "ranks")
                read_ranks(value);
            else if (key.str() == "allow")
                read_allowed(value);
            else if (key.str() == "inside")
                read_inside(value);
            else if (key.str() == "complete" && value.is_boolean())
                into.complete_ = value.as_boolean()->get();
            else if (key.str() == "complete")
                throw wrong_file{line_of(value), "complete is neither true nor false"};
            else
                throw wrong_file{line_of(value), "unknown key '" + std::string(key.str()) +
                                                     "' (known: ranks, allow, inside, complete)"};
        }
        for (const auto& [pair, line] : into.allowed_)
            if (into.leads(pair.second, pair.first))
                throw wrong_file{line, pair.first + " before " + pair.second +
                                           " contradicts the rest of the file, which leads from " + pair.second +
                                           " to " + pair.first};
    }
};

std::optional<std::string> declared_order::read(std::string_view path, std::string_view text) {
    path_ = path;
    const auto told = [&](std::uint32_t line, std::string_view why) {
        return path_ + ':' + std::to_string(line) + ": " + std::string(why);
    };
    try {
        reader{*this}.read(toml::parse(text, path_));
    } catch (const toml::parse_error& why) {
        return told(why.source().begin.line, why.description());
    } catch (const wrong_file& why) {
        return told(why.line, why.why);
    }
    return std::nullopt;
}

bool declared_order::is_named(const std::string& name) const {
    return !name.empty() && (ranks_.contains(name) || inside_.contains(name) ||
                             std::any_of(allowed_.begin(), allowed_.end(), [&](const auto& one) {
                                 return one.first.first == name || one.first.second == name;
                             }));
}

bool declared_order::leads(const std::string& from, const std::string& to) const {
    std::set<std::string> seen;
    std::vector<std::string> open = {from};
    while (!open.empty()) {
        const std::string at = std::move(open.back());
        open.pop_back();
        const auto visit = [&](const std::string& next) {
            if (seen.insert(next).second) open.push_back(next);
        };
        if (const auto ranked = ranks_.find(at); ranked != ranks_.end())
            for (const auto& [name, other] : ranks_)
                if (ranked->second.value < other.value) visit(name);
        for (auto it = allowed_.lower_bound({at, ""}); it != allowed_.end() && it->first.first == at; ++it)
            visit(it->first.second);
        if (seen.contains(to)) return true;
    }
    return false;
}

std::string declared_order::place_of(const std::string& name) const {
    const auto ranked = ranks_.find(name);
    if (ranked == ranks_.end()) return name;
    return name + " (rank " + std::to_string(ranked->second.value) + ", " + path_ + ':' +
           std::to_string(ranked->second.line) + ')';
}

std::optional<std::string> declared_order::objection(const std::string& held, const std::string& wanted) const {
    if (!is_named(held) || !is_named(wanted)) {
        if (!complete_ || (!is_named(held) && !is_named(wanted))) return std::nullopt;
        const std::string& other = is_named(held) ? wanted : held;
        return (other.empty() ? std::string("a lock without a class or name") : other) + " is not in " + path_ +
               ", which says that it is complete";
    }
    if (held == wanted) {
        if (inside_.contains(held)) return std::nullopt;
        return path_ + " declares no order inside " + held;
    }
    if (leads(held, wanted)) return std::nullopt;
    if (leads(wanted, held)) return path_ + " declares " + place_of(wanted) + " before " + place_of(held);
    return path_ + " declares no order of " + place_of(held) + " and " + place_of(wanted);
}

std::string declared_order::unmet(const std::set<std::string>& seen) const {
    std::map<std::string, std::uint32_t> named = inside_;
    for (const auto& [name, place] : ranks_) named.try_emplace(name, place.line);
    for (const auto& [pair, line] : allowed_)
        for (const std::string& name : {pair.first, pair.second}) named.try_emplace(name, line);
    std::erase_if(named, [&](const auto& one) { return seen.contains(one.first); });
    if (named.empty()) return {};
    constexpr std::size_t names_max = 5;
    std::string out = path_ + ": no lock that was nested is called ";
    std::size_t told = 0;
    for (const auto& [name, line] : named) {
        if (told == names_max) break;
        out += (told++ == 0 ? "" : ", ") + quoted(name) + " (line " + std::to_string(line) + ')';
    }
    if (named.size() > told) out += ", and " + std::to_string(named.size() - told) + " more";
    return out;
}

std::string declared_order::text(const std::vector<std::string>& remarks) const {
    std::string out;
    for (const std::string& one : remarks) out += "# " + one + '\n';
    if (!inside_.empty()) {
        out += "\n# Locks of one class that nest: say here in which order they do.\ninside = [";
        for (const auto& [one, line] : inside_) out += (one == inside_.begin()->first ? "" : ", ") + quoted(one);
        out += "]\n";
    }
    out += "\n# A request needs a rank above that of every ranked lock held.\n[ranks]\n";
    std::vector<std::pair<std::int64_t, std::string>> ascending;
    for (const auto& [name, one] : ranks_) ascending.emplace_back(one.value, name);
    std::sort(ascending.begin(), ascending.end());
    for (const auto& [value, name] : ascending) out += quoted(name) + " = " + std::to_string(value) + '\n';
    for (const auto& [pair, line] : allowed_)
        out += "\n[[allow]]\nheld = " + quoted(pair.first) + "\nwanted = " + quoted(pair.second) + '\n';
    return out;
}

}  // namespace interlock::findings
