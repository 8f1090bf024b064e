namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>
/// Reads net, tax and gross by the one thing that no layout can hide: they close. Labels choose among the sums that do; where none does,
/// only a gross total with a clear label counts.
/// </summary>
internal static class TotalsRule
{
    private const decimal Slack = 0.02m;
    private const int MostTotals = 60;
    private const double Likely = 0.7;
    private const double SumOfParts = 4;
    private const double NoSum = double.NegativeInfinity;

    /// <summary>Rates of VAT and the like in Europe and around, in percent.</summary>
    private static readonly decimal[] Rates =
        [2.1m, 2.5m, 2.6m, 3m, 3.7m, 3.8m, 4m, 4.8m, 5m, 5.5m, 6m, 7m, 7.7m, 8m, 8.1m, 8.5m, 9m, 9.5m, 10m, 12m, 13m, 13.5m, 14m, 15m, 16m, 17m, 18m, 19m, 20m, 21m, 22m, 23m, 24m, 25m, 25.5m, 27m];

    private sealed record Closure(decimal Net, decimal Tax, decimal Gross, double Score);

    public static PrintedTotals Read(TextLayout layout)
    {
        var evidence = AmountEvidence.Of(layout);
        if (evidence.All.Count == 0)
        {
            return PrintedTotals.None;
        }

        var best = WithSums([.. Closures(evidence)]).OrderByDescending(closure => closure.Score).ThenByDescending(closure => Math.Abs(closure.Gross)).FirstOrDefault();
        var alone = LabelledGross(evidence);

        // A closing sum of small change must not beat a clear label on a total that closes with nothing.
        if (best is not null && (alone is null || best.Gross == alone.Value.Value || best.Score >= 5.5))
        {
            return Closed(evidence, best);
        }

        return alone is { } gross ? Open(evidence, gross.Value, gross.Weight) : PrintedTotals.None;
    }

    private static IEnumerable<Closure> Closures(AmountEvidence evidence)
    {
        var values = evidence.All.Where(placed => !placed.Amount.IsWhole || placed.Amount.Currency is not null).Select(placed => placed.Amount.Value).ToHashSet();
        var rows = RowsOf(evidence);
        var largest = values.Count == 0 ? 0 : values.Max(Math.Abs);
        var taxes = values.Concat(evidence.Values(LabelKind.Tax)).Concat(evidence.Sums(LabelKind.Tax)).ToHashSet();
        var grosses = evidence.Values(LabelKind.Gross).Concat(evidence.Values(LabelKind.Total)).Concat(evidence.Values(LabelKind.Payable)).Concat(rows.Select(row => row.Gross)).Distinct()
            .OrderByDescending(gross => GrossWeight(evidence, gross)).ThenByDescending(Math.Abs).Take(MostTotals);
        var nets = values.Concat(evidence.Values(LabelKind.Net)).Concat(evidence.Sums(LabelKind.Net)).ToHashSet();
        foreach (var gross in grosses.Where(gross => gross != 0))
        {
            foreach (var net in nets)
            {
                var tax = gross - net;
                if (Nearest(taxes, tax) is { } printed && Score(evidence, rows, net, printed, gross, largest) is var score && score > NoSum)
                {
                    yield return new Closure(net, printed, gross, score);
                }
            }
        }
    }

    /// <summary>Each rate of VAT closes in itself; the total is the one that sums the others up.</summary>
    private static IEnumerable<Closure> WithSums(List<Closure> closures)
    {
        var parts = closures.Where(closure => closure.Tax != 0).OrderByDescending(closure => closure.Score).Take(MostTotals).ToList();
        var sums = new HashSet<(decimal, decimal)>();
        for (var first = 0; first < parts.Count; first++)
        {
            for (var second = first + 1; second < parts.Count; second++)
            {
                if (parts[first].Gross != parts[second].Gross)
                {
                    sums.Add((parts[first].Net + parts[second].Net, parts[first].Tax + parts[second].Tax));
                }
            }
        }

        return closures.Select(closure => sums.Contains((closure.Net, closure.Tax)) ? closure with { Score = closure.Score + SumOfParts } : closure);
    }

    private static decimal? Nearest(HashSet<decimal> values, decimal wanted)
    {
        if (values.Contains(wanted))
        {
            return wanted;
        }

        for (var cents = 1; cents <= 2; cents++)
        {
            var off = cents * 0.01m;
            if (values.Contains(wanted + off) || values.Contains(wanted - off))
            {
                return values.Contains(wanted + off) ? wanted + off : wanted - off;
            }
        }

        return null;
    }

    private static double Score(AmountEvidence evidence, HashSet<(decimal Net, decimal Tax, decimal Gross)> rows, decimal net, decimal tax, decimal gross, decimal largest)
    {
        var g = GrossWeight(evidence, gross);
        var n = Math.Max(evidence.Weight(LabelKind.Net, net), 0.75 * Math.Max(evidence.Weight(LabelKind.Subtotal, net), evidence.Weight(LabelKind.Total, net) * 0.5));
        var t = evidence.Weight(LabelKind.Tax, tax);
        if (n == 0 && evidence.Sums(LabelKind.Net).Contains(net))
        {
            n = 0.6;
        }

        if (t == 0 && evidence.Sums(LabelKind.Tax).Contains(tax))
        {
            t = 0.7;
        }

        var inRow = rows.Contains((net, tax, gross));
        var share = net == 0 ? 1 : Math.Abs(tax / net);
        if (Math.Sign(tax) * Math.Sign(net) < 0 || share > 0.30m || tax == 0 && t < 0.5 || g + t + n < 0.9 && !inRow || t == 0 && n == 0 && !inRow || g == 0 && !(n > 0.5 && t > 0.5) && !inRow)
        {
            return NoSum;
        }

        var isRate = IsRate(net, tax);
        return g * 3.5 + n * 2.5 + t * 2.5
            + (isRate ? 1.5 : 0)
            + (inRow ? 1.5 : 0)
            + (Math.Abs(gross) == largest ? 0.8 : 0)
            - (share > 0.275m && !isRate ? 1 : 0);
    }

    private static double GrossWeight(AmountEvidence evidence, decimal value) => Math.Max(
        Math.Max(evidence.Weight(LabelKind.Gross, value), 0.85 * evidence.Weight(LabelKind.Payable, value)),
        0.75 * evidence.Weight(LabelKind.Total, value));

    /// <summary>Rows that close in themselves, such as the last row of a table of rates.</summary>
    private static HashSet<(decimal Net, decimal Tax, decimal Gross)> RowsOf(AmountEvidence evidence)
    {
        var rows = new HashSet<(decimal, decimal, decimal)>();
        foreach (var row in evidence.All.GroupBy(placed => placed.Line))
        {
            var amounts = row.Where(placed => !placed.Amount.IsWhole).Select(placed => placed.Amount.Value).ToList();
            for (var gross = 2; gross < Math.Min(amounts.Count, 12); gross++)
            {
                for (var net = 0; net < gross; net++)
                {
                    for (var tax = net + 1; tax < gross; tax++)
                    {
                        if (amounts[tax] != 0 && Math.Sign(amounts[net]) == Math.Sign(amounts[tax]) && Math.Abs(amounts[net] + amounts[tax] - amounts[gross]) <= Slack && Math.Abs(amounts[tax]) < Math.Abs(amounts[net]))
                        {
                            rows.Add((amounts[net], amounts[tax], amounts[gross]));
                        }
                    }
                }
            }
        }

        return rows;
    }

    /// <summary>The value with the clearest label as a total; of several equal ones the largest.</summary>
    private static (decimal Value, double Weight)? LabelledGross(AmountEvidence evidence)
    {
        var found = evidence.Values(LabelKind.Gross).Concat(evidence.Values(LabelKind.Payable)).Concat(evidence.Values(LabelKind.Total))
            .Distinct()
            .Where(value => value != 0)
            .Select(value => (Value: value, Weight: GrossWeight(evidence, value)))
            .OrderByDescending(entry => entry.Weight)
            .ThenByDescending(entry => Math.Abs(entry.Value))
            .ToList();
        return found.Count == 0 || found[0].Weight < 0.45 ? null : BeforePayments(evidence, found) ?? found[0];
    }

    /// <summary>What is left to pay is not the total where a larger total and the payment between them are printed.</summary>
    private static (decimal Value, double Weight)? BeforePayments(AmountEvidence evidence, List<(decimal Value, double Weight)> found)
    {
        var paid = evidence.Values(LabelKind.Prepaid).Where(value => value != 0).Select(Math.Abs).ToHashSet();
        var larger = found.Skip(1).Where(other => paid.Contains(Math.Abs(other.Value) - Math.Abs(found[0].Value))).ToList();
        return larger.Count > 0 && evidence.Weight(LabelKind.Gross, found[0].Value) == 0 ? larger[0] : null;
    }

    private static PrintedTotals Closed(AmountEvidence evidence, Closure closure)
    {
        var confidence = closure.Score >= 8 ? 0.97 : closure.Score >= 6 ? 0.9 : 0.75;
        return new PrintedTotals(
            FieldOf(evidence, closure.Net, confidence),
            FieldOf(evidence, closure.Tax, confidence),
            FieldOf(evidence, closure.Gross, confidence),
            PayableOf(evidence, closure.Gross),
            PrepaidOf(evidence, closure.Gross),
            CurrencyOf(evidence, closure.Gross),
            Closes: true);
    }

    private static PrintedTotals Open(AmountEvidence evidence, decimal gross, double weight)
    {
        var (net, tax) = Derived(evidence, gross);
        return new PrintedTotals(
            net is { } n ? FieldOf(evidence, n, Likely) : null,
            tax is { } t ? FieldOf(evidence, t, Likely) : null,
            FieldOf(evidence, gross, weight >= 0.85 ? 0.75 : 0.6),
            PayableOf(evidence, gross),
            PrepaidOf(evidence, gross),
            CurrencyOf(evidence, gross),
            Closes: net is not null);
    }

    /// <summary>Where only VAT or only net is printed beside the total, a usual rate confirms the other.</summary>
    private static (decimal? Net, decimal? Tax) Derived(AmountEvidence evidence, decimal gross)
    {
        var taxes = evidence.Values(LabelKind.Tax).Where(value => evidence.Weight(LabelKind.Tax, value) > 0.5).Select(value => Math.Abs(value) * Math.Sign(gross));
        var nets = evidence.Values(LabelKind.Net).Where(value => evidence.Weight(LabelKind.Net, value) > 0.7);
        return taxes.Select(tax => (Net: gross - tax, Tax: tax)).Concat(nets.Select(net => (Net: net, Tax: gross - net)))
            .Where(pair => pair.Tax != 0 && Math.Sign(pair.Tax) == Math.Sign(pair.Net) && IsRate(pair.Net, pair.Tax))
            .Select(pair => ((decimal?)pair.Net, (decimal?)pair.Tax))
            .FirstOrDefault();
    }

    private static bool IsRate(decimal net, decimal tax) =>
        tax != 0 && Rates.Any(rate => Math.Abs(net * rate / 100 - tax) <= Slack + Math.Abs(tax) * 0.0005m);

    /// <summary>
    /// What remains to be paid: the total where nothing says otherwise, else what is printed and differs from the total by an amount that is
    /// printed too.
    /// </summary>
    private static Field<decimal>? PayableOf(AmountEvidence evidence, decimal gross)
    {
        var values = evidence.All.Select(placed => Math.Abs(placed.Amount.Value)).ToHashSet();
        var candidates = evidence.Values(LabelKind.Payable).Where(value => evidence.Weight(LabelKind.Payable, value) > 0.56).ToList();
        var isPrepaid = evidence.Values(LabelKind.Prepaid).Any(value => value != 0 && evidence.Weight(LabelKind.Prepaid, value) > 0.5);
        return candidates.Contains(gross) ? FieldOf(evidence, gross, 0.9)
            : candidates.Count == 0 && !isPrepaid ? FieldOf(evidence, gross, 0.7)
            : candidates.FirstOrDefault(value => Math.Abs(value) < Math.Abs(gross) && values.Contains(Math.Abs(gross - value))) is var rest && rest != 0 ? FieldOf(evidence, rest, 0.85)
            : null;
    }

    private static Field<decimal>? PrepaidOf(AmountEvidence evidence, decimal gross) =>
        evidence.Values(LabelKind.Prepaid).Where(value => value != 0 && Math.Abs(value) <= Math.Abs(gross) && evidence.Weight(LabelKind.Prepaid, value) > 0.5)
            .Where(value => evidence.Values(LabelKind.Payable).Any(rest => Math.Abs(gross - Math.Abs(value) - rest) <= Slack))
            .Select(value => FieldOf(evidence, Math.Abs(value), 0.8))
            .FirstOrDefault();

    private static string? CurrencyOf(AmountEvidence evidence, decimal value) =>
        evidence.All.Where(placed => placed.Amount.Value == value).Select(placed => placed.Amount.Currency).FirstOrDefault(currency => currency is not null);

    private static Field<decimal> FieldOf(AmountEvidence evidence, decimal value, double confidence)
    {
        var printed = evidence.All.Where(placed => placed.Amount.Value == value).Select(placed => (PlacedAmount?)placed).LastOrDefault();
        return new Field<decimal>(value, printed?.Amount.Raw ?? "", printed is null ? confidence - 0.1 : confidence, FieldSource.Rule, printed?.Line.Page);
    }
}
