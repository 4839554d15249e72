// Declared orders: what they allow, and how files that make no sense are refused.
#include "analysis/findings/declared_order.hpp"

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

declared_order reading(std::string_view text) {
    declared_order made;
    EXPECT_EQ(made.read("o.toml", text), std::nullopt) << text;
    return made;
}

std::string objection(const declared_order& order, const char* held, const char* wanted) {
    return order.objection(held, wanted).value_or("");
}

TEST(declared_order, wants_ascending_ranks) {
    const declared_order order = reading("[ranks]\na = 10\n\"b[].m\" = 20\nc = 20\n");
    EXPECT_EQ(objection(order, "a", "b[].m"), "");
    EXPECT_EQ(objection(order, "b[].m", "a"), "o.toml declares a (rank 10, o.toml:2) before b[].m (rank 20, o.toml:3)");
    EXPECT_EQ(objection(order, "b[].m", "c"),
              "o.toml declares no order of b[].m (rank 20, o.toml:3) and c (rank 20, o.toml:4)");
    EXPECT_EQ(objection(order, "c", "c"), "o.toml declares no order inside c");
}

TEST(declared_order, allows_what_is_listed_and_what_follows_from_it) {
    const declared_order order = reading(
        "[ranks]\nlow = 1\nhigh = 2\n"
        "[[allow]]\nheld = \"x\"\nwanted = \"low\"\nreason = \"x is outermost\"\n"
        "[[allow]]\nheld = \"high\"\nwanted = \"y\"\n");
    EXPECT_EQ(objection(order, "x", "low"), "");
    EXPECT_EQ(objection(order, "x", "high"), "");
    EXPECT_EQ(objection(order, "x", "y"), "");
    EXPECT_EQ(objection(order, "y", "x"), "o.toml declares x before y");
    EXPECT_EQ(objection(order, "y", "low"), "o.toml declares low (rank 1, o.toml:2) before y");
}

TEST(declared_order, knows_nothing_of_what_it_does_not_name_unless_it_is_complete) {
    const std::string text = "[ranks]\na = 1\nb = 2\n";
    for (const auto& [held, wanted] :
         {std::pair("a", "z"), std::pair("z", "a"), std::pair("z", "z"), std::pair("", "a")})
        EXPECT_EQ(objection(reading(text), held, wanted), "");
    const declared_order whole = reading("complete = true\n" + text);
    EXPECT_EQ(objection(whole, "a", "z"), "z is not in o.toml, which says that it is complete");
    EXPECT_EQ(objection(whole, "", "a"),
              "a lock without a class or name is not in o.toml, which says that it is complete");
    EXPECT_EQ(objection(whole, "z", "y"), "");
    EXPECT_EQ(objection(whole, "a", "b"), "");
}

TEST(declared_order, lets_locks_of_a_class_nest_where_it_says_so) {
    const declared_order order = reading("inside = [\"tree\"]\n[ranks]\ntree = 1\nleaf = 2\n");
    EXPECT_EQ(objection(order, "tree", "tree"), "");
    EXPECT_NE(objection(order, "leaf", "leaf"), "");
}

TEST(declared_order, is_refused_with_its_line) {
    for (const auto& [text, told] : {
             std::pair("[ranks]\na = \n", "o.toml:2: "),
             std::pair("[ranks]\na = 1.5\n", "o.toml:2: the rank of a is not a whole number"),
             std::pair("\nranks = 3\n", "o.toml:2: ranks is not a table"),
             std::pair("[ranks]\na = 1\n[extra]\nb = 1\n",
                       "o.toml:3: unknown key 'extra' (known: ranks, allow, inside, complete)"),
             std::pair("allow = 1\n", "o.toml:1: allow is not a list of tables: write [[allow]]"),
             std::pair("[[allow]]\nheld = \"a\"\n", "o.toml:1: an [[allow]] needs held and wanted"),
             std::pair("[[allow]]\nheld = \"a\"\nwanted = 7\n", "o.toml:3: wanted is not the name of a lock"),
             std::pair("[[allow]]\nheld = \"a\"\nwant = \"b\"\n",
                       "o.toml:3: unknown key 'want' (known: held, wanted, reason)"),
             std::pair("[[allow]]\nheld = \"a\"\nwanted = \"a\"\n",
                       "o.toml:1: for locks of one class write inside = [...]"),
             std::pair("inside = \"a\"\n", "o.toml:1: inside is not a list of names"),
             std::pair("inside = [1]\n", "o.toml:1: inside has something else than names"),
             std::pair("inside = [\"\"]\n", "o.toml:1: inside has something else than names"),
             std::pair("[ranks]\na = 1\n\"\" = 2\n", "o.toml:3: ranks has a lock without a name"),
             std::pair("allow = [1]\n", "o.toml:1: allow is not a list of tables: write [[allow]]"),
             std::pair("[[allow]]\nheld = \"a\"\nwanted = \"\"\n", "o.toml:3: wanted is not the name of a lock"),
             std::pair("[[allow]]\nheld = \"a\"\nwanted = \"b\"\nreason = 5\n", "o.toml:4: reason is not a text"),
             std::pair("complete = 1\n", "o.toml:1: complete is neither true nor false"),
             std::pair("[ranks]\na = 1\nb = 2\n\n[[allow]]\nheld = \"b\"\nwanted = \"a\"\n",
                       "o.toml:5: b before a contradicts the rest of the file, which leads from a to b"),
             std::pair("[[allow]]\nheld = \"a\"\nwanted = \"b\"\n[[allow]]\nheld = \"b\"\nwanted = \"a\"\n",
                       "o.toml:1: a before b contradicts the rest of the file, which leads from b to a"),
         }) {
        declared_order order;
        const std::string failed = order.read("o.toml", text).value_or("");
        EXPECT_TRUE(failed.starts_with(told)) << text << failed;
        EXPECT_EQ(failed.find('\n'), std::string::npos) << failed;
    }
}

TEST(declared_order, may_allow_nothing_yet) {
    const declared_order order = reading("allow = []\ninside = []\n[ranks]\na = 1\nb = 2\n");
    EXPECT_EQ(objection(order, "a", "b"), "");
    EXPECT_NE(objection(order, "b", "a"), "");
}

TEST(declared_order, written_keeps_every_name) {
    std::string odd = "a\tb\n\"c\"\\u0009\x7F\xC3\xA9";
    odd += '\x01';
    declared_order written;
    written.set_rank(odd, 1);
    written.set_rank("z", 2);
    written.set_inside(odd);
    const declared_order order = reading(written.text({}));
    EXPECT_EQ(order.unmet({odd, "z"}), "");
    EXPECT_EQ(order.objection(odd, "z"), std::nullopt);
    EXPECT_EQ(order.objection(odd, odd), std::nullopt);
    EXPECT_NE(order.objection("z", odd), std::nullopt);
}

TEST(declared_order, written_and_read_is_the_same) {
    declared_order made;
    made.set_rank("accounts[].m", 10);
    made.set_rank("a \"quoted\\name", 20);
    made.set_inside("accounts[].m");
    const std::string text = made.text({"a draft"});
    EXPECT_TRUE(text.starts_with("# a draft\n")) << text;
    const declared_order back = reading(text);
    EXPECT_EQ(back.text({"a draft"}), text);
    EXPECT_EQ(objection(back, "accounts[].m", "accounts[].m"), "");
    EXPECT_EQ(objection(back, "accounts[].m", "a \"quoted\\name"), "");
    EXPECT_NE(objection(back, "a \"quoted\\name", "accounts[].m"), "");
}

}  // namespace
}  // namespace interlock::findings
