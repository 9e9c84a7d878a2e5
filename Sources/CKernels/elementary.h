// Elementary functions of vectors.
#ifndef VIDEOWIRE_ELEMENTARY_H
#define VIDEOWIRE_ELEMENTARY_H

typedef double doubles __attribute__((vector_size(8 * lanes)));

// Exact where x are integers below 2¹⁵ and sums stay below 2⁵³.
INLINE void add_squares(doubles *sum, floats x) {
    doubles wide = __builtin_convertvector(x, doubles);
    *sum += wide * wide;
}

INLINE double sum_of_doubles(const doubles *x) {
    double sum = 0;
    for (size_t i = 0; i < lanes; i++) sum += (*x)[i];
    return sum;
}

// exp(x) of x ≤ 0, with a relative error below 2e-7; below -80 as at -80, so that products with it are normal numbers.
INLINE floats exponential(floats x) {
    x = larger(splat(-80), x);  // this way round a NaN stays one
    floats n = rounded(x * splat(1.44269504f));
    floats r = fma(n, splat(-0.693145752f), x);
    r = fma(n, splat(-1.42860677e-6f), r);
    floats p = splat(1.0f / 720);
    p = fma(p, r, splat(1.0f / 120));
    p = fma(p, r, splat(1.0f / 24));
    p = fma(p, r, splat(1.0f / 6));
    p = fma(p, r, splat(0.5f));
    p = fma(p, r, splat(1));
    p = fma(p, r, splat(1));
    return times_power_of_two(p, n);
}

// x · Φ(x) = x/2 + |x/2| · erf(|x|/√2), with an error below 2e-7 of max(1, |x|): erf(|x|/√2) / |x| is a polynomial in
// t = 2 x²/5.4² - 1, fitted to the least greatest error up to |x| = 5.4, behind which erf is 1 in fp32.
INLINE floats gelu(floats x) {
    static const float coefficients[] = {-0.00202624057f, 0.00184342288f,  -0.0024572527f, 0.0072164447f, -0.0133418227f,
                                         0.0193552449f,   -0.0279709138f,  0.0392767154f,  -0.0514823608f, 0.0642347559f,
                                         -0.078414686f,   0.0969991237f,   -0.130656078f,  0.261856228f};
    floats half = x * splat(0.5f), distance = smaller(magnitude(x), splat(5.4f));
    floats t = fma(distance * distance, splat(0.0685871056f), splat(-1)), p = splat(0.00075260672f);
#pragma clang loop unroll(full)
    for (int i = 0; i < 14; i++) p = fma(p, t, splat(coefficients[i]));
    return fma(magnitude(half), smaller(distance * p, splat(1)), half);
}

// tanh(x), with an error below 2e-7.
INLINE floats hyperbolic_tangent(floats x) {
    floats e = exponential(magnitude(x) * splat(-2));
    return with_sign_of((splat(1) - e) / (splat(1) + e), x);
}

#endif
