// Recording off: a std type that takes a label and forgets it.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#include <type_traits>

namespace interlock::inline INTERLOCK_MODE::detail {

template <typename Std>
class std_twin : public Std {
public:
    constexpr std_twin() noexcept = default;
    constexpr explicit std_twin(label) noexcept {}
    void set_label(label) noexcept {}
};

/// Same size, same alignment, nothing more to do at its end.
template <typename Ours, typename Std>
inline constexpr bool costs_the_same =
    // NOLINTNEXTLINE(misc-redundant-expression): two types, until it is told them
    sizeof(Ours) == sizeof(Std) &&
    alignof(Ours) == alignof(Std) && std::is_trivially_destructible_v<Ours> == std::is_trivially_destructible_v<Std>;

}  // namespace interlock::inline INTERLOCK_MODE::detail
