using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>The kind of document by its title, as the code of EN 16931.</summary>
internal static partial class TypeRule
{
    private const int TopRows = 40;
    private const int LongestTitle = 70;

    private static readonly (string Code, string[] Words)[] Titles =
    [
        ("389", ["selbst ausgestellte", "self-billed", "self billed", "self-billing", "autofacturation", "auto-facture", "selbstfakturierung", "autofattura", "autofactura"]),
        ("384", ["rechnungskorrektur", "korrekturrechnung", "stornorechnung", "rechnungsberichtigung", "storno der rechnung", "corrected invoice", "corrective invoice", "facture rectificative", "factura rectificativa", "correctiefactuur", "fattura correttiva"]),
        ("381", ["credit note", "credit memo", "credit invoice", "creditnote", "gutschrift", "avoir", "note de credit", "facture d'avoir", "creditnota", "creditfactuur", "credit factuur", "nota de credito", "nota di credito", "nota credito", "abono", "kreditnota", "factura de abono"]),
        ("326", ["teilrechnung", "abschlagsrechnung", "partial invoice", "facture d'acompte", "facture partielle", "termijnfactuur"]),
        ("380", ["rechnung", "invoice", "facture", "factuur", "factura", "fattura", "faktura", "fatura", "bill", "receipt", "parcella", "nota", "kostennote", "honorarnote", "liquidation", "fee note", "minuta", "declaratie"]),
    ];

    public static Field<string>? Decide(TextLayout layout)
    {
        foreach (var line in layout.Lines.Where(line => line.Page == layout.Lines[0].Page && line.Row <= TopRows))
        {
            if (Coded().Match(line.Text) is { Success: true } coded)
            {
                return new Field<string>(coded.Groups["code"].Value, coded.Value, 0.95, FieldSource.Rule, line.Page);
            }
        }

        foreach (var (code, words) in Titles)
        {
            foreach (var line in layout.Lines.Where(line => line.Page == layout.Lines[0].Page && line.Row <= TopRows))
            {
                foreach (var cell in line.Cells.Where(cell => cell.End - cell.Start <= LongestTitle))
                {
                    if (IsTitle(Joined(line.Folded[cell.Start..cell.End]), words, code == "380"))
                    {
                        return new Field<string>(code, line.In(cell), code == "380" ? 0.8 : 0.9, FieldSource.Rule, line.Page);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>A title begins its cell, perhaps glued to a word that does not change it.</summary>
    private static bool IsTitle(string cell, string[] words, bool glued) => words.Any(word =>
        cell.StartsWith(word, StringComparison.Ordinal)
        || cell.Contains(word, StringComparison.Ordinal) && cell.Length <= word.Length + 24 && (glued || cell.IndexOf(word, StringComparison.Ordinal) <= 12) && !cell.Contains(" zu ", StringComparison.Ordinal));

    /// <summary>Letters set apart for effect ("R E C H N U N G") are one word.</summary>
    private static string Joined(string cell) => Spaced().IsMatch(cell) ? cell.Replace(" ", "", StringComparison.Ordinal) : cell;

    [GeneratedRegex(@"(?:[Rr]echnung|[Ii]nvoice|[Gg]utschrift|[Ff]acture|[Nn]ote|korrektur|\))\s\((?<code>326|380|381|384|386|387|388|389|751)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Coded();

    [GeneratedRegex(@"^(?:[a-z]\s){3,}[a-z]$", RegexOptions.CultureInvariant)]
    private static partial Regex Spaced();
}
