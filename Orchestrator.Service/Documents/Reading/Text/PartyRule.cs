using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Who sells and who buys: identifiers by their form, names by their legal form and place.</summary>
internal static partial class PartyRule
{
    /// <summary>What was found of the two parties.</summary>
    public sealed record Parties(Field<string>? Supplier, Field<string>? SupplierVat, Field<string>? SupplierIban, Field<string>? Buyer, Field<string>? BuyerVat);

    private const int RowsUnderLabel = 3;
    private const int BlockRows = 12;
    private const int WindowRows = 22;
    private const int LeftColumn = 30;

    public static Parties Read(TextLayout layout)
    {
        var (supplierVat, buyerVat) = VatIds(layout);
        var buyer = Under(layout, LabelKind.Buyer) ?? InWindow(layout);
        return new Parties(Supplier(layout, buyer?.Value), supplierVat, Iban(layout), buyer, buyerVat);
    }

    /// <summary>All VAT identifiers of some lines; what tells one document's supplier from another's.</summary>
    public static IReadOnlySet<string> AllVatIds(TextLayout layout) => layout.Lines
        .SelectMany(line => VatId().Matches(line.Text)).Select(match => Compact(match.Value)).ToHashSet();

    /// <summary>The supplier's stands in the heading or the foot; one that is called yours or stands with the buyer is the buyer's.</summary>
    private static (Field<string>? Supplier, Field<string>? Buyer) VatIds(TextLayout layout)
    {
        var suppliers = new List<(string Id, string Raw, double Score, int Page)>();
        Field<string>? buyer = null;
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            var line = layout.Lines[index];
            foreach (Match match in VatId().Matches(line.Text))
            {
                var before = line.Labels.Where(label => label.End <= match.Index && match.Index - label.End < 40).Select(label => (LabelKind?)label.Kind).LastOrDefault();
                var id = Compact(match.Value);
                if (before is LabelKind.BuyerVatId || BlockAbove(layout, index, match.Index) is LabelKind.Buyer)
                {
                    buyer ??= new Field<string>(id, match.Value, 0.9, FieldSource.Rule, line.Page);
                }
                else if (before is LabelKind.VatId or LabelKind.Tax || Strict().IsMatch(id))
                {
                    var beside = line.Labels.Any(label => label.Kind is LabelKind.OtherNumber && line.CellAt(label.Start).Equals(line.CellAt(match.Index)));
                    var known = layout.Lines.Skip(Math.Max(0, index - 6)).Take(12).Any(near => IbanPattern().IsMatch(near.Text) || Register().IsMatch(near.Folded));
                    suppliers.Add((id, match.Value, (before is LabelKind.VatId ? 2 : 1) + (known ? 1.5 : 0) - (beside ? 0.2 : 0) + index * 0.0001, line.Page));
                }
            }
        }

        var best = suppliers.Where(found => found.Id != buyer?.Value).OrderByDescending(found => found.Score).Select(found => ((string Id, string Raw, double Score, int Page)?)found).FirstOrDefault();
        var sure = suppliers.Select(found => found.Id).Distinct().Count() == 1;
        return (best is { } found ? new Field<string>(found.Id, found.Raw, sure ? 0.9 : 0.65, FieldSource.Rule, found.Page) : null, buyer);
    }

    /// <summary>The party whose block a position stands in: the nearest label of a party above it in the same column.</summary>
    private static LabelKind? BlockAbove(TextLayout layout, int index, int position)
    {
        var line = layout.Lines[index];
        var starts = line.Cells.Where(cell => cell.Start <= position).Select(cell => cell.Start).ToList();
        for (var above = index; above >= 0 && layout.Lines[above].Page == line.Page && line.Row - layout.Lines[above].Row <= BlockRows; above--)
        {
            foreach (var label in layout.Lines[above].Labels.Where(label => label.Kind is LabelKind.Seller or LabelKind.Buyer && label.End - label.Start > 3))
            {
                if (layout.Lines[above].CellAt(label.Start).Start == label.Start && starts.TakeLast(2).Any(start => Math.Abs(start - label.Start) <= 6))
                {
                    return label.Kind;
                }
            }
        }

        return null;
    }

    private static Field<string>? Iban(TextLayout layout)
    {
        foreach (var line in layout.Lines)
        {
            foreach (Match match in IbanPattern().Matches(line.Text))
            {
                if (IsIban(Compact(match.Value)))
                {
                    return new Field<string>(Compact(match.Value), match.Value, 0.95, FieldSource.Rule, line.Page);
                }
            }
        }

        return null;
    }

    /// <summary>An account number checks itself: rearranged and read as one number, the rest of a division by 97 is 1.</summary>
    internal static bool IsIban(string iban)
    {
        if (iban.Length is < 15 or > 34)
        {
            return false;
        }

        var rest = 0;
        foreach (var c in string.Concat(iban.AsSpan(4), iban.AsSpan(0, 4)))
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }

            rest = char.IsAsciiDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (char.ToUpperInvariant(c) - 'A' + 10)) % 97;
        }

        return rest == 1;
    }

    private static Field<string>? Supplier(TextLayout layout, string? buyer)
    {
        if (Under(layout, LabelKind.Seller) is { } labelled)
        {
            return labelled;
        }

        // The line of the sender above the address window, the heading and the foot carry the legal form.
        var names = layout.Lines
            .SelectMany(line => line.Cells.Select(cell => (Line: line, Cell: cell, Match: Company().Match(line.In(cell)))))
            .Where(found => found.Match.Success && !found.Line.Labels.Any(label => label.Kind is LabelKind.Buyer && label.Start <= found.Cell.End))
            .Select(found => (Name: found.Match.Groups["name"].Value.Trim(' ', ',', '-', '|', '•', '·'), found.Line))
            .Where(found => found.Name.Length >= 4 && !string.Equals(found.Name, buyer, StringComparison.OrdinalIgnoreCase))
            .GroupBy(found => found.Name, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.First().Line.Page)
            .ThenBy(group => group.First().Line.Row)
            .ToList();
        return names.Count == 0 ? null
            : new Field<string>(names[0].First().Name, names[0].Key, names.Count == 1 ? 0.75 : 0.5, FieldSource.Rule, names[0].First().Line.Page);
    }

    /// <summary>
    /// The name in the window of the envelope: alone in its cell at the left, with a postal code a few lines below it, and nowhere else in the
    /// document. A second one like it is the supplier's own address, and then nothing tells them apart.
    /// </summary>
    private static Field<string>? InWindow(TextLayout layout)
    {
        var windows = new List<Field<string>>();
        foreach (var line in layout.Lines.TakeWhile(line => line.Page == layout.Lines[0].Page && line.Row <= WindowRows))
        {
            foreach (var cell in line.Cells)
            {
                var name = line.In(cell);
                if (cell.Start <= LeftColumn && layout.Lines.Count(other => other.Text.Contains(name, StringComparison.OrdinalIgnoreCase)) == 1 && Company().Match(name) is { Success: true } match && match.Length == name.Length
                    && layout.Below(line.Index, 5).Any(below => below.Cells.Any(other => Math.Abs(other.Start - cell.Start) <= 1 && Postal().IsMatch(below.In(other)))))
                {
                    windows.Add(new Field<string>(name, name, 0.6, FieldSource.Rule, line.Page));
                }
            }
        }

        return windows.DistinctBy(window => window.Value).Count() == 1 ? windows[0] : null;
    }

    /// <summary>The name beside or below a party's label.</summary>
    private static Field<string>? Under(TextLayout layout, LabelKind kind)
    {
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            var line = layout.Lines[index];
            foreach (var label in line.Labels.Where(label => label.Kind == kind && label.End - label.Start > 3 && line.CellAt(label.Start).Start == label.Start))
            {
                var cell = line.CellAt(label.Start);
                var rest = line.Text[label.End..cell.End].Trim(' ', ':', '/', '-', ',');
                if (IsName(rest) && line.Text[label.End] is ':')
                {
                    return new Field<string>(rest, rest, 0.7, FieldSource.Rule, line.Page);
                }

                // A label that goes on is a name or a sentence that begins with the same word.
                if (rest.Length > 0)
                {
                    continue;
                }

                if (Named(layout, index) is { } named)
                {
                    return named;
                }

                foreach (var below in layout.Below(index, RowsUnderLabel + 1))
                {
                    if (below.Labels.FirstOrDefault(other =>
                        other.Kind is LabelKind.AnyNumber or LabelKind.OtherNumber && other.Start < cell.End + 4 && below.CellAt(other.Start).Start == other.Start) is { End: > 0 })
                    {
                        continue;
                    }

                    var name = below.Cells.Where(other => Math.Abs(other.Start - cell.Start) <= 6).Select(below.In).FirstOrDefault(IsName);
                    if (name is not null)
                    {
                        return new Field<string>(name.Trim(), name, 0.65, FieldSource.Rule, below.Page);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Within a block of labelled rows the row that is called name.</summary>
    private static Field<string>? Named(TextLayout layout, int index)
    {
        foreach (var below in layout.Below(index, RowsUnderLabel * 2))
        {
            if (below.Cells is [var label, var value, ..] && below.Folded[label.Start..label.End] is "name:" or "name" && IsName(below.In(value)))
            {
                return new Field<string>(below.In(value), below.In(value), 0.8, FieldSource.Rule, below.Page);
            }
        }

        return null;
    }

    private static bool IsName(string text) => text.Trim() is { Length: >= 3 and <= 70 } name && char.IsLetter(name[0]) && name.Count(char.IsLetter) > name.Length / 2
        && !name.Contains(':', StringComparison.Ordinal) && !name.Contains('@', StringComparison.Ordinal) && !name.Any(char.IsDigit);

    private static string Compact(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:ATU\s?\d{8}|BE\s?0?\d{3}[ .]?\d{3}[ .]?\d{3}|CHE[- ]?\d{3}[.]?\d{3}[.]?\d{3}|CY\d{8}[A-Z]|CZ\d{8,10}|DE\s?\d{3}\s?\d{3}\s?\d{3}|DK\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{2}|EE\d{9}|EL\d{9}|ES\s?[A-Z]\d{7}[A-Z0-9]|ES\s?\d{8}[A-Z]|FI\s?\d{8}|FR\s?[A-Z0-9]{2}(?:\s?\d){9}|GB\s?\d{3}\s?\d{4}\s?\d{2}|HR\d{11}|HU\d{8}|IE\d[A-Z0-9]\d{5}[A-Z]{1,2}|IT\s?\d{11}|LT\d{9,12}|LU\s?\d{8}|LV\d{11}|MT\d{8}|NL\s?\d{3}[.]?\d{3}[.]?\d{3}[.]?B[.]?\d{2}|NO\s?\d{9}(?:\s?MVA)?|PL\s?\d{10}|PT\s?\d{9}|RO\d{2,10}|SE\s?\d{12}|SI\d{8}|SK\d{10})(?![A-Za-z0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VatId();

    /// <summary>Forms that nothing else has, so that no label is needed.</summary>
    [GeneratedRegex(@"^(?:ATU\d{8}|CHE\d{9}|DE\d{9}|FR[A-Z0-9]{2}\d{9}|NL\d{9}B\d{2}|GB\d{9}|ES[A-Z]\d{7}[A-Z0-9]|IT\d{11})$", RegexOptions.CultureInvariant)]
    private static partial Regex Strict();

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?![A-Za-z0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IbanPattern();

    [GeneratedRegex(@"^(?:[A-Z]{1,2}[- ])?\d{4,5}(?: [A-Z]{2})? +[A-ZÄÖÜÉ]", RegexOptions.CultureInvariant)]
    private static partial Regex Postal();

    [GeneratedRegex(@"\b(?:hrb|hra|amtsgericht|registergericht|handelsregister|siret|rcs|kvk|registered (?:in|office)|company (?:no|reg)|geschaftsfuhrer|rea)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Register();

    [GeneratedRegex(@"(?<name>\b[A-ZÄÖÜÉÈ][\w&.,'+\-ÄÖÜäöüßéèêçñ]*(?: [\w&.,'+\-ÄÖÜäöüßéèêçñ]+){0,5}? (?:GmbH & Co\. ?KG|GmbH|GMBH|mbB|DAC|V\.O\.F\.|S\.n\.c\.|AG|KG|OHG|UG|e\.K\.|e\.V\.|SE|Ltd\.?|Limited|PLC|plc|LLC|L\.L\.C\.|Inc\.?|Corp\.?|LLP|B\.V\.|BV|N\.V\.|NV|VOF|SARL|S\.A\.R\.L\.|SAS|S\.A\.S\.|SA|S\.A\.|SRL|S\.R\.L\.|S\.r\.l\.|S\.p\.A\.|SpA|S\.L\.|SL|S\.L\.U\.|ApS|A/S|AB|AS|Oy|Sp\. z o\.o\.))(?![\w])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Company();
}
