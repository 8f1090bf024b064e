namespace Orchestrator.Service.Documents.Matching;

internal static class Amounts
{
    /// <summary>
    /// What an invoice takes of an order: its net total, negative for a credit note. Where no net is stated, the gross stands
    /// in; that errs towards asking a person.
    /// </summary>
    public static decimal? NetOf(Invoice invoice)
    {
        var stated = invoice.Net ?? (invoice.Gross is { } gross ? gross - (invoice.Tax ?? 0) : invoice.LinesTotal);
        return stated is { } net ? invoice.IsCreditNote ? -Math.Abs(net) : net : null;
    }

    /// <summary>The per cent or the amount, whichever allows more.</summary>
    public static decimal Tolerance(decimal ordered, MatchingOptions options) =>
        Math.Max(Math.Abs(ordered) * options.TolerancePercent / 100, options.ToleranceAmount);
}
