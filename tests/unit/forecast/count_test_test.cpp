#include <cmath>

#include "core/forecast/count_test.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// P(X >= count) of the negative binomial by its own sum, count a whole number.
double upper_by_sum(int count, double mean, double phi) {
    const double r = mean / (phi - 1.0);
    const double p = 1.0 / phi;
    double term = std::pow(p, r);
    double below = 0.0;
    for (int k = 0; k < count; ++k) {
        below += term;
        term *= (k + r) / (k + 1.0) * (1.0 - p);
    }
    return 1.0 - below;
}

}  // namespace

TEST_CASE("incomplete beta: agrees with the negative binomial's own sum") {
    for (const double phi : {1.2, 2.0, 5.0}) {
        for (const double mean : {0.7, 8.0, 60.0}) {
            for (const int count : {1, 5, 12, 70}) {
                const double want = upper_by_sum(count, mean, phi);
                if (want > 1e-9) {
                    CAPTURE(phi, mean, count);
                    CHECK(std::exp(log_incomplete_beta(count, mean / (phi - 1.0), 1.0 - 1.0 / phi)) ==
                          Approx(want).epsilon(1e-5));
                }
            }
        }
    }
}

TEST_CASE("incomplete beta: symmetric, I_x(1,1) = x") {
    CHECK(std::exp(log_incomplete_beta(1.0, 1.0, 0.37)) == Approx(0.37));
    CHECK(std::exp(log_incomplete_beta(2.5, 4.0, 0.3)) + std::exp(log_incomplete_beta(4.0, 2.5, 0.7)) == Approx(1.0));
}

TEST_CASE("surprise: grows with the count, shrinks with the scatter, both tails") {
    double last = 0.0;
    for (double count = 110.0; count <= 200.0; count += 10.0) {
        const double now = upper_surprise(count, 100.0, 1.5);
        CHECK(now > last);
        CHECK(upper_surprise(count, 100.0, 3.0) <= now);
        last = now;
    }
    CHECK(lower_surprise(50.0, 100.0, 1.5) > 4.0);
    CHECK(lower_surprise(150.0, 100.0, 1.5) < 0.01);
    CHECK(upper_surprise(50.0, 100.0, 1.5) < 0.01);
}

TEST_CASE("surprise: a small queue needs a larger share above its mean") {
    CHECK(upper_surprise(2.0 * 6.0, 6.0, 1.5) < 3.0);
    CHECK(upper_surprise(2.0 * 60.0, 60.0, 1.5) > 6.0);
}

TEST_CASE("surprise: finite and bounded where numbers end") {
    for (const double count : {0.0, 1e-3, 1.0, 1e4, 1e9}) {
        for (const double mean : {0.0, 1e-3, 1.0, 1e4, 1e9}) {
            for (const double phi : {0.0, 1.0, 2.0, 1e6}) {
                CAPTURE(count, mean, phi);
                for (const double value : {upper_surprise(count, mean, phi), lower_surprise(count, mean, phi)}) {
                    CHECK(std::isfinite(value));
                    CHECK(value >= 0.0);
                    CHECK(value <= 300.0);
                }
            }
        }
    }
}

TEST_CASE("dispersion: learns Poisson as 1 and a doubled variance as about 2, and one wild row moves it little") {
    Draws draws(5);
    Dispersion chance;
    Dispersion wide;
    for (int row = 0; row < 4000; ++row) {
        chance.learn(draws.poisson(50.0), 50.0);
        wide.learn(std::max(0.0, 50.0 + std::sqrt(100.0) * draws.normal()), 50.0);
    }
    CHECK(chance.phi() == Approx(1.0).margin(0.08));
    CHECK(wide.phi() == Approx(2.0).margin(0.15));

    const double before = chance.phi();
    chance.learn(5000.0, 50.0);
    CHECK(chance.phi() - before < 0.01);
}

TEST_CASE("rank: the largest so far is as rare as there are values, the smallest is not rare") {
    RankHistory ranks;
    CHECK(ranks.rarity(5.0) == 0.0);
    for (int value = 1; value <= 999; ++value) {
        ranks.learn(value);
    }
    CHECK(ranks.rarity(2000.0) == Approx(3.0));
    CHECK(ranks.rarity(0.01) < 0.01);
    CHECK(ranks.rarity(900.0) == Approx(1.0).margin(0.05));
    CHECK(ranks.rarity(1e300) >= 2.9);
}

TEST_CASE("rank: saved and loaded it ranks the same") {
    RankHistory ranks;
    for (int value = 1; value <= 50; ++value) {
        ranks.learn(value);
    }
    ByteWriter out;
    ranks.save(out);
    RankHistory again;
    ByteReader in(out.bytes());
    REQUIRE(again.load(in));
    CHECK(again.rarity(40.0) == ranks.rarity(40.0));
    CHECK(again.size() == 50.0);
}
