// Reference values: 40-digit computation and published tables (domain notes 3.2); the birth-death sum is written here
// independently.
#include "core/staffing/erlang.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"

using namespace surged::staffing;

namespace {

struct Sums {
    double wait, abandon, mean_wait;
};

/// Stationary distribution of the birth-death chain in logarithms: slow, plain, and nothing shared with the product's formulas.
Sums birth_death(double lambda, double mu, double theta, int n) {
    std::vector<long double> logs{0};
    const int states = n + static_cast<int>(std::max(0.0, (lambda - n * mu) / theta)) + 4000;
    for (int k = 1; k <= states; ++k) {
        const long double death =
            std::min(k, n) * static_cast<long double>(mu) + std::max(0, k - n) * static_cast<long double>(theta);
        logs.push_back(logs.back() + std::log(static_cast<long double>(lambda)) - std::log(death));
    }
    const long double top = *std::max_element(logs.begin(), logs.end());
    long double total = 0;
    long double busy = 0;
    long double queue = 0;
    for (int k = 0; k <= states; ++k) {
        const long double p = std::exp(logs[static_cast<std::size_t>(k)] - top);
        total += p;
        busy += k >= n ? p : 0;
        queue += k > n ? p * (k - n) : 0;
    }
    const auto mean_wait = static_cast<double>(queue / total / lambda);
    return {static_cast<double>(busy / total), theta * mean_wait, mean_wait};
}

}  // namespace

TEST_CASE("Erlang B: the standard table") {
    CHECK(erlang_b(10, 4.461) == Approx(0.0099978).epsilon(1e-5));
    CHECK(erlang_b(20, 12.03) == Approx(0.0099959).epsilon(1e-5));
    CHECK(erlang_b(50, 37.90) == Approx(0.0099954).epsilon(1e-5));
    CHECK(erlang_b(100, 84.06) == Approx(0.0099917).epsilon(1e-5));
    CHECK(erlang_b(10, 7.511) == Approx(0.10002).epsilon(1e-4));
    CHECK(erlang_b(5, 1.361) == Approx(0.010006).epsilon(1e-4));
    CHECK(erlang_b(0, 3) == 1);
    CHECK(erlang_b(3, 0) == 0);
}

TEST_CASE("Erlang B and C: reference values to twelve digits") {
    struct Row {
        int n;
        double a, b, c;
    };
    const std::vector<Row> rows{{1, 0.5, 0.333333333333, 0.5},
                                {2, 1, 0.2, 0.333333333333},
                                {5, 4, 0.199066874028, 0.554112554113},
                                {10, 8, 0.121661064253, 0.409180150796},
                                {14, 10, 0.0568191433865, 0.174131933595},
                                {20, 18, 0.109212845873, 0.550769004816},
                                {50, 45, 0.0541044721646, 0.363864467207},
                                {55, 48, 0.0383742806878, 0.238700936378},
                                {100, 95, 0.0488042061787, 0.506456853913},
                                {500, 480, 0.0143257807224, 0.266512519962},
                                {1000, 950, 0.00364929368894, 0.0682534153771},
                                {2000, 1950, 0.00540920442657, 0.178675068233}};
    for (const auto& row : rows) {
        INFO("n = " << row.n);
        CHECK(erlang_b(row.n, row.a) == Approx(row.b).epsilon(1e-11));
        CHECK(erlang_c(row.n, row.a) == Approx(row.c).epsilon(1e-11));
    }
}

TEST_CASE("Erlang C: published examples") {
    const auto fourteen = outlook({100.0 / 1800, 180, 0}, 14, 20).value();
    CHECK(fourteen.wait_probability == Approx(0.1741319335950498).epsilon(1e-13));
    CHECK(fourteen.service_level == Approx(0.8883500191794669).epsilon(1e-13));
    CHECK(fourteen.mean_wait_s == Approx(7.83593701177724).epsilon(1e-12));
    CHECK(fourteen.occupancy == Approx(0.7142857).epsilon(1e-6));
    CHECK(rostered(14, 0.3) == 20);

    const auto classic = outlook({360.0 / 1800, 240, 0}, 55, 15).value();
    CHECK(classic.wait_probability == Approx(0.2387).epsilon(1e-3));
    CHECK(classic.service_level == Approx(0.845883).epsilon(1e-5));
    CHECK(classic.mean_wait_s == Approx(8.184).epsilon(1e-3));
}

TEST_CASE("required agents: the table, and one fewer breaks the promise") {
    struct Row {
        double calls, aht, share, within;
        int n;
        double sl, asa;
    };
    const std::vector<Row> rows{{25, 240, .80, 20, 6, .881317, 13.34},    {100, 180, .80, 20, 14, .88835, 7.836},
                                {360, 240, .80, 20, 54, .817248, 12.05},  {360, 240, .85, 15, 56, .886485, 5.61},
                                {500, 300, .80, 20, 91, .814382, 12.11},  {1000, 180, .80, 20, 107, .823805, 9.86},
                                {2000, 120, .85, 15, 142, .880512, 4.89}, {5000, 110, .85, 15, 315, .867126, 5.61}};
    for (const auto& row : rows) {
        INFO(row.calls << " calls, " << row.aht << " s");
        const Load load{row.calls / 1800, row.aht, 0};
        CHECK(required_agents(load, {row.share, row.within}) == row.n);
        CHECK(outlook(load, row.n, row.within)->service_level == Approx(row.sl).epsilon(2e-6));
        CHECK(outlook(load, row.n, row.within)->mean_wait_s == Approx(row.asa).epsilon(1e-3));
        CHECK(outlook(load, row.n - 1, row.within)->service_level < row.share);
    }
}

TEST_CASE("Erlang A: reference values to ten digits") {
    struct Row {
        int n;
        double lambda, mu, theta, t, wait, abandon, mean, level;
    };
    const std::vector<Row> rows{{50, 48, 1, 0.5, 20, 0.4677740686, 0.03091224916, 3.709469899, 0.9430189547},
                                {50, 55, 1, 0.5, 20, 0.8662337163, 0.1020801946, 12.24962336, 0.6922640876},
                                {14, 10.0 / 3, 1.0 / 3, 0.5, 20, 0.1269763401, 0.02283928653, 2.740714384, 0.9327295807},
                                {10, 12, 1, 1, 20, 0.7576078383, 0.213632353, 12.81794118, 0.5800427124},
                                {100, 95.0 / 3, 1.0 / 3, 0.5, 15, 0.2886830683, 0.02322345732, 2.786814878, 0.9175267569},
                                {500, 520.0 / 3, 1.0 / 3, 0.5, 15, 0.7493647893, 0.04458677269, 5.350412722, 0.9021553741}};
    for (const auto& row : rows) {
        INFO("n = " << row.n << ", lambda = " << row.lambda << " a minute");
        const auto out = outlook({row.lambda / 60, 60 / row.mu, 60 / row.theta}, row.n, row.t).value();
        CHECK(out.wait_probability == Approx(row.wait).epsilon(1e-9));
        CHECK(out.abandon_probability == Approx(row.abandon).epsilon(1e-9));
        CHECK(out.mean_wait_s == Approx(row.mean).epsilon(1e-9));
        CHECK(out.service_level == Approx(row.level).epsilon(1e-9));
    }
}

TEST_CASE("Erlang A: agrees with an independent birth-death sum from 1 to 10,000 agents") {
    for (const int n : {1, 2, 7, 30, 150, 800, 3000, 10000}) {
        for (const double load : {0.2, 0.8, 0.97, 1.0, 1.1, 1.6}) {
            for (const double patience : {20.0, 120.0, 1800.0}) {
                INFO("n " << n << " load " << load << " patience " << patience);
                const double lambda = load * n / 180;
                const auto out = outlook({lambda, 180, patience}, n, 20).value();
                const auto truth = birth_death(lambda, 1.0 / 180, 1 / patience, n);
                CHECK(out.wait_probability == Approx(truth.wait).epsilon(1e-8).margin(1e-14));
                CHECK(out.abandon_probability == Approx(truth.abandon).epsilon(1e-8).margin(1e-14));
                CHECK(out.mean_wait_s == Approx(truth.mean_wait).epsilon(1e-8).margin(1e-12));
            }
        }
    }
}

TEST_CASE("Erlang A: deep overload neither overflows nor leaves its bounds") {
    for (const double factor : {3.0, 20.0, 1000.0}) {
        const auto out = outlook({factor * 1000 / 180, 180, 600}, 1000, 20).value();
        CHECK(out.abandon_probability == Approx(1 - 1 / factor).epsilon(1e-6));  // the fluid limit
        CHECK(out.wait_probability == Approx(1));
        CHECK(out.service_level >= 0);
        CHECK(out.service_level < 1e-3);
        CHECK(out.occupancy == Approx(1));
    }
}

TEST_CASE("staffing: more agents never serve worse, endless patience is Erlang C") {
    double before = -1;
    for (int n = 1; n <= 200; ++n) {
        const auto out = outlook({0.5, 200, 120}, n, 20).value();
        CHECK(out.service_level >= before - 1e-12);  // below that is rounding
        before = out.service_level;
    }
    const auto c = outlook({0.5, 200, 0}, 110, 20).value();
    const auto a = outlook({0.5, 200, 1e7}, 110, 20).value();
    CHECK(a.service_level == Approx(c.service_level).epsilon(1e-3));
}

TEST_CASE("staffing: what is out of range is refused, not guessed") {
    CHECK_FALSE(outlook({-1, 180, 0}, 5, 20));
    CHECK_FALSE(outlook({1, 0, 0}, 5, 20));
    CHECK_FALSE(outlook({1, 180, 0}, agents_max + 1, 20));
    CHECK(outlook({1, 180, 0}, agents_max, 20));
    CHECK_FALSE(outlook({std::nan(""), 180, 0}, 5, 20));
    CHECK_FALSE(required_agents({1, 180, 0}, {1.0, 20}));
    CHECK_FALSE(required_agents({1e9, 180, 0}, {0.8, 20}));
    CHECK(required_agents({0, 180, 0}, {0.8, 20}) == 0);
    CHECK(outlook({1, 180, 60}, 0, 20)->abandon_probability == 1);
}

TEST_CASE("patience: all waiting over those who gave up") {
    CHECK(patience_s(3961, 1362518).value() == Approx(343.98).epsilon(1e-4));
    CHECK_FALSE(patience_s(0, 1000));
}
