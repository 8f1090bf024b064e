namespace Orchestrator.Samples.Bills;

/// <summary>Nobody here exists: example domains, bank codes and VAT ids that were never given out.</summary>
internal static class Companies
{
    public static readonly Company Nordlicht = new("Nordlicht Bürobedarf GmbH", "Speicherkai 14", "20999", "Hamburg", "DE", "DE999100018", "99/712/00018", "999900000010010018", "nordlicht-buero.example", "+49 40 5550118");
    public static readonly Company Brandauer = new("Brandauer & Öhler Rechtsanwälte PartG mbB", "Lindwurmzeile 3", "80999", "München", "DE", "DE999100026", "99/118/40026", "999900000010010026", "brandauer-oehler.example", "+49 89 5550126");
    public static readonly Company Lindenhof = new("Gasthof Lindenhof, Inh. Maria Strobl", "Dorfplatz 1", "83999", "Oberwies", "DE", null, "99/233/51134", "999900000010010034", "lindenhof-oberwies.example", "+49 8041 555034");
    public static readonly Company Auental = new("Stadtwerke Auental AG", "Am Wasserturm 22", "04999", "Auental", "DE", "DE999100042", null, "999900000010010042", "stadtwerke-auental.example", "+49 341 5550142");
    public static readonly Company Kessler = new("Metallbau Kessler KG", "Industriestr. 88", "44999", "Dortmund", "DE", "DE999100050", "99/877/00050", "999900000010010050", "kessler-metall.example", "+49 231 5550150");
    public static readonly Company Harrow = new("Harrow & Finch Booksellers Ltd", "27 Cloth Lane", "BS99 4XX", "Bristol", "GB", "GB999100066", "09991006", "XXXX99999910010066", "harrowfinch.example", "+44 117 555 0166");
    public static readonly Company BrightPath = new("BrightPath Consulting LLC", "415 Juniper Street, Suite 210", "CO 80999", "Denver,", "US", null, "99-1000741", null, "brightpath.example", "+1 303 555 0174");
    public static readonly Company Cloudbarn = new("Cloudbarn, Inc.", "900 Harbor Drive", "TX 78999", "Austin,", "US", null, "99-1000824", null, "cloudbarn.example", "+1 512 555 0182");
    public static readonly Company Galway = new("Galway Bay Fresh Foods DAC", "Unit 6, Oranmore Quay", "H99 XX99", "Galway", "IE", "IE9991009A", "699100", "XXXX99999910010099", "galwaybayfresh.example", "+353 91 555 019");
    public static readonly Company Papeterie = new("Papeterie du Vieux-Port SARL", "12 quai des Tonneliers", "13999", "Marseille", "FR", "FR00999100104", "999 100 104 00012", "99999000010010010499900", "papeterie-vieuxport.example", "+33 4 91 55 50 10");
    public static readonly Company Azur = new("Télécom Azur SA", "Parc Technologique, 5 allée des Pins", "06999", "Nice", "FR", "FR00999100112", "999 100 112 00038", "99999000010010011299900", "telecom-azur.example", "+33 4 93 55 50 11");
    public static readonly Company Lumiere = new("Atelier Lumière, Claire Montjean E.I.", "8 rue des Carmes", "44999", "Nantes", "FR", null, "999 100 120 00011", "99999000010010012099900", "atelier-lumiere.example", "+33 2 40 55 50 12");
    public static readonly Company Fietsenhuis = new("Fietsenhuis Van Dijk B.V.", "Brouwersgracht 131", "9999 XB", "Utrecht", "NL", "NL999100138B01", "99910013", "XXXX9991001380", "fietsenhuisvandijk.example", "+31 30 555 0138");
    public static readonly Company Zonneveld = new("Kwekerij Zonneveld V.O.F.", "Veilingweg 40", "9998 AA", "Aalsmeer", "NL", "NL999100146B01", "99910014", "XXXX9991001460", "kwekerijzonneveld.example", "+31 297 555 014");
    public static readonly Company Ebro = new("Suministros Industriales Ebro, S.L.", "Polígono Malpica, calle F, nave 19", "50999", "Zaragoza", "ES", "ESB99910015", "B99910015", "99999999910010015400", "suministros-ebro.example", "+34 976 555 015");
    public static readonly Company Valdeluna = new("Bodegas Valdeluna, S.A.", "Camino del Río, 7", "26999", "Haro", "ES", "ESA99910016", "A99910016", "99999999910010016200", "bodegas-valdeluna.example", "+34 941 555 016");
    public static readonly Company Rovere = new("Officina Meccanica Rovere S.r.l.", "Via dell'Artigianato, 33", "40999", "Bologna", "IT", "IT99910010170", "99910010170", "X9999999999000000010017", "officina-rovere.example", "+39 051 555 017");
    public static readonly Company Bianchi = new("Studio Tecnico Ing. L. Bianchi", "Corso Adriatico, 108", "10999", "Torino", "IT", "IT99910010188", "BNCLGU70A01X999Z", "X9999999999000000010018", "studiobianchi.example", "+39 011 555 018");
    public static readonly Company Nordic = new("Nordic Freight & Forwarding AB", "Frihamnsgatan 9", "999 91", "Göteborg", "SE", "SE999100196701", "999100-1967", "99999999991001001967", "nordicfreight.example", "+46 31 555 019");
    public static readonly Company Helvetia = new("Helvetia Labs AG", "Limmatweg 12", "8999", "Zürich", "CH", "CHE-999.100.201 MWST", null, "99999999910010201", "helvetialabs.example", "+41 44 555 02 01");

    public static readonly Company Acme = new("Acme Maschinenbau GmbH", "Werkstr. 5", "70999", "Stuttgart", "DE", "DE999200016", null, null, "acme-maschinenbau.example", "+49 711 5550201");
    public static readonly Company AcmeUk = new("Acme Engineering Ltd", "4 Foundry Road", "LS99 2XX", "Leeds", "GB", "GB999200024", null, null, "acme-engineering.example", "+44 113 555 0202");
    public static readonly Company AcmeUs = new("Acme Machinery Inc.", "77 Mill Road", "OH 44999", "Cleveland,", "US", null, null, null, "acme-machinery.example", "+1 216 555 0203");
    public static readonly Company AcmeFrance = new("Acme Machines SAS", "3 rue de l'Usine", "69999", "Lyon", "FR", "FR00999200032", "999 200 032 00015", null, "acme-machines.example", "+33 4 72 55 50 20");
    public static readonly Company AcmeNl = new("Acme Machines Nederland B.V.", "Havenkade 61", "9997 LB", "Rotterdam", "NL", "NL999200048B01", null, null, "acme-nl.example", "+31 10 555 0204");
    public static readonly Company AcmeIberia = new("Acme Maquinaria Ibérica, S.L.", "Calle del Taller, 14", "28999", "Madrid", "ES", "ESB99920005", null, null, "acme-iberica.example", "+34 91 555 0205");
    public static readonly Company AcmeItalia = new("Acme Macchine S.p.A.", "Via Officine, 2", "20999", "Milano", "IT", "IT99920010066", null, null, "acme-macchine.example", "+39 02 555 0206");
}
