package org.variational.examples;

import org.variational.divergence.Divergence;
import org.variational.family.VariationalFamily;

/**
 * A family and a divergence to fit an example with, under the names that whoever runs it chose them by.
 *
 * @param familyName the family's name
 * @param divergenceName the divergence's name
 */
public record FitChoice(
        String familyName, VariationalFamily.Factory family, String divergenceName, Divergence divergence) {}
