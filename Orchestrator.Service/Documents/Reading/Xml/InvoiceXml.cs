namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>An XML document's syntax, told by its root element, and the fields that it holds.</summary>
internal static class InvoiceXml
{
    /// <summary>Whether a root element is that of an invoice in a known syntax.</summary>
    public static bool Knows(Element root) => root.Name is "CrossIndustryInvoice" or "CrossIndustryDocument" or "Invoice" or "CreditNote";

    /// <summary>The fields and what the rules say of them.</summary>
    public static ExtractionResult Read(Element root, string extractor, string version)
    {
        if (!Knows(root))
        {
            return new ExtractionResult(extractor, version, new InvoiceFields(), ReadFailure.XmlNotAnInvoice, []);
        }

        var isUbl = root.Name is "Invoice" or "CreditNote";
        var fields = isUbl ? UblInvoice.Read(root) : CiiInvoice.Read(root);
        var profile = (isUbl ? UblInvoice.Profile(root) : CiiInvoice.Profile(root)) ?? "";
        var isPartial = profile.Contains("minimum", StringComparison.OrdinalIgnoreCase) || profile.Contains("basicwl", StringComparison.OrdinalIgnoreCase);
        var broken = TotalsRules.Check(fields, isPartial ? TotalsScope.ToGross : root.Name == "CrossIndustryDocument" ? TotalsScope.GrossOnly : TotalsScope.Full);
        IReadOnlyList<ReadDiagnostic> diagnostics = isPartial
            ? [.. broken, new(DiagnosticCodes.ProfileNotAnInvoice, $"The XML's profile {profile} carries too little for an invoice of its own.")]
            : broken;
        var failure = fields.Missing.Count > 0 ? ReadFailure.MissingFields : broken.Count > 0 ? ReadFailure.TotalsDisagree : (ReadFailure?)null;
        return new ExtractionResult(extractor, version, fields, failure, diagnostics);
    }
}
