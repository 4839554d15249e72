// Findings that are one defect become one finding.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::analysis {

/// Gathers findings by their ids: the strongest of each is told, all are counted, and those that differ in what a suppression may see
/// are kept as its instances, up to 1,000 of a defect. Thread-bound.
class defects {
public:
    void add(findings::finding one);
    bool has(const std::string& id) const { return by_id_.contains(id); }
    /// In the order in which their first instances came. Afterwards there are none.
    std::vector<findings::finding> take();

private:
    struct defect {
        std::vector<findings::finding> instances;
        std::map<std::string, std::size_t> by_look;
    };
    std::vector<defect> all_;
    std::map<std::string, std::size_t> by_id_;
};

/// Drops what is told better by another (a cycle at the very sites of a deadlock that happened) and sorts, worst first.
void settle(std::vector<findings::finding>& all);

}  // namespace interlock::analysis
