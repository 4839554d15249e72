#include "cli/option_table.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace interlock::cli {

std::string option_table(const CLI::App& app) {
    std::string made;
    for (const CLI::Option* one : app.get_options()) {
        const std::string type = one->get_type_name();  // with its checks behind a colon: LEVEL:{order,full}
        const std::size_t colon = type.find(':');
        std::string values = colon == std::string::npos ? "" : type.substr(colon + 1);
        const bool listed = values.starts_with('{') && values.ends_with('}');
        values = listed ? values.substr(1, values.size() - 2) : "";
        const bool repeatable = one->get_expected_max() > 1 || one->get_items_expected_max() > 1;
        const bool takes_value = one->get_items_expected_max() > 0;
        made += fmt::format("{}\t{}\t{}\t{}\t{}\n",
                            one->get_positional() ? "argument"
                            : repeatable          ? "repeatable"
                                                  : "option",
                            one->get_name(false, true), takes_value ? type.substr(0, colon) : "", values,
                            one->get_description());
    }
    return made;
}

}  // namespace interlock::cli
