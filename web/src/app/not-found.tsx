"use client";

import { useTranslations } from "next-intl";
import { LinkButton } from "@/ui/button";
import { Empty } from "@/ui/panels";

export default function NotFound() {
  const t = useTranslations("missing");
  return <Empty title={t("title")} action={<LinkButton href="/">{t("home")}</LinkButton>}>{t("detail")}</Empty>;
}
