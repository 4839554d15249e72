#include "instrument/recorder/scopes.hpp"

#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

/// The place is taken before it is filled, and filled before it counts: a handler may come in between.
open_scope* push(agent& self) noexcept {
    if (self.scope_count == open_scopes_max) return nullptr;
    open_scope& scope = self.scopes[self.scope_count];
    self.scope_count = static_cast<std::uint8_t>(self.scope_count + 1);
    asm volatile("" ::: "memory");
    return &scope;
}

void pop(agent& self) noexcept {
    open_scope& scope = self.scopes[self.scope_count - 1];
    if (scope.kind == scope_kind::handler) {
        self.signal_depth = static_cast<std::uint8_t>(self.signal_depth - 1);
        self.attend();
    }
    scope.kind = scope_kind::none;
    asm volatile("" ::: "memory");
    self.scope_count = static_cast<std::uint8_t>(self.scope_count - 1);
}

open_scope* find(const agent& self, std::uintptr_t stack_pointer, scope_kind kind) noexcept {
    for (std::uint8_t i = self.scope_count; i-- != 0;) {
        auto& scope = const_cast<open_scope&>(self.scopes[i]);
        if (scope.kind == kind && scope.stack_pointer == stack_pointer) return &scope;
    }
    return nullptr;
}

bool is_on_stack(const agent& self, std::uintptr_t pointer) noexcept {
    return pointer >= self.stack_low && pointer < self.stack_top;
}

/// An operation further out on the same stack, or on the thread's own stack while the scope was on another.
bool is_left(const agent& self, const open_scope& scope, std::uintptr_t stack_pointer) noexcept {
    constexpr std::uintptr_t nearby = std::uintptr_t{1} << 20;
    if (scope.kind == scope_kind::none) return false;
    if (scope.left) return true;
    if (self.stack_top == 0 || is_on_stack(self, stack_pointer) == is_on_stack(self, scope.stack_pointer))
        return stack_pointer > scope.stack_pointer &&
               (is_on_stack(self, stack_pointer) || stack_pointer - scope.stack_pointer < nearby);
    return is_on_stack(self, stack_pointer);
}

/// `scope` is the top one; the agent is busy.
void close_left(agent& self, open_scope& scope) noexcept {
    if (scope.kind == scope_kind::handler) {
        if (scope.told)
            write(self, format::event_kind::signal_exit, 0, {}, 0, static_cast<std::uint32_t>(scope.signal_number));
    } else if (scope.kind == scope_kind::initialiser) {
        if (const std::uint32_t index = find_hold(self, scope.once); index != none_held) remove_hold(self, index);
        write(self, format::event_kind::once_abort, 0, {}, format::number(scope.once), 0);
        step_in_order(self.id, format::event_kind::once_abort, format::number(scope.once));
    }
    pop(self);
}

}  // namespace

bool open_handler(agent& self, std::uintptr_t stack_pointer, int signal_number, std::uint8_t handler) noexcept {
    open_scope* scope = push(self);
    if (scope == nullptr) return false;
    self.signal_depth = static_cast<std::uint8_t>(self.signal_depth + 1);
    self.attend();
    *scope = {stack_pointer,   format::object_id::none, signal_number, handler,
              self.generation, scope_kind::none,        false,         !self.is_idle()};
    asm volatile("" ::: "memory");
    scope->kind = scope_kind::handler;
    self.set_generation(revisit);
    return true;
}

bool is_inside_operation(const agent& self) noexcept {
    if (self.scope_count == 0) return false;
    const open_scope& top = self.scopes[self.scope_count - 1];
    return top.kind == scope_kind::handler && top.inside_operation;
}

bool is_handler_told(const agent& self, std::uintptr_t stack_pointer) noexcept {
    const open_scope* scope = find(self, stack_pointer, scope_kind::handler);
    return scope != nullptr && scope->told;
}

void close_told_handler(agent& self, std::uintptr_t stack_pointer) noexcept {
    while (find(self, stack_pointer, scope_kind::handler) != nullptr)
        close_left(self, self.scopes[self.scope_count - 1]);
}

void close_handler(agent& self, std::uintptr_t stack_pointer) noexcept {
    const open_scope* scope = find(self, stack_pointer, scope_kind::handler);
    if (scope == nullptr || scope != &self.scopes[self.scope_count - 1]) return;
    self.set_generation(scope->generation);
    pop(self);
}

void open_initialiser(agent& self, std::uintptr_t stack_pointer, format::object_id once) noexcept {
    open_scope* scope = push(self);
    if (scope == nullptr) return;
    *scope = {stack_pointer, once, 0, 0, self.generation, scope_kind::none, false, false};
    asm volatile("" ::: "memory");
    scope->kind = scope_kind::initialiser;
    self.set_generation(revisit);
}

bool close_initialiser(agent& self, std::uintptr_t stack_pointer) noexcept {
    if (find(self, stack_pointer, scope_kind::initialiser) == nullptr) return false;
    // What lies above it was left: the operation that brought us here is further out, though on the same frame.
    while (self.scopes[self.scope_count - 1].stack_pointer != stack_pointer ||
           self.scopes[self.scope_count - 1].kind != scope_kind::initialiser)
        close_left(self, self.scopes[self.scope_count - 1]);
    pop(self);
    return true;
}

void leave_scopes(agent& self, std::uintptr_t target, std::uintptr_t signals_low,
                  std::uintptr_t signals_high) noexcept {
    const auto is_on_signal_stack = [&](std::uintptr_t at) { return at >= signals_low && at < signals_high; };
    // On a stack that is not known (a fiber's) nothing can be said.
    if (!is_on_signal_stack(target) && self.stack_top != 0 && !is_on_stack(self, target)) return;
    for (std::uint8_t i = 0; i < self.scope_count; ++i) {
        open_scope& scope = self.scopes[i];
        if (is_on_signal_stack(scope.stack_pointer) == is_on_signal_stack(target))
            scope.left = scope.left || scope.stack_pointer < target;
        else
            scope.left = scope.left || is_on_signal_stack(scope.stack_pointer);
    }
}

void visit_scopes(agent& self, std::uintptr_t stack_pointer) noexcept {
    while (self.scope_count != 0 && is_left(self, self.scopes[self.scope_count - 1], stack_pointer)) {
        const bool handler = self.scopes[self.scope_count - 1].kind == scope_kind::handler;
        close_left(self, self.scopes[self.scope_count - 1]);
        if (handler && self.signal_depth == 0) tell_open_signals(self);
    }
    if (self.scope_count == 0) return;
    self.set_generation(revisit);
    for (std::uint8_t i = 0; i < self.scope_count; ++i) {
        open_scope& scope = self.scopes[i];
        if (scope.kind != scope_kind::handler || scope.told) continue;
        scope.told = true;
        write(self, format::event_kind::signal_enter, 0, {}, scope.handler,
              static_cast<std::uint32_t>(scope.signal_number));
    }
}

}  // namespace interlock::recorder
