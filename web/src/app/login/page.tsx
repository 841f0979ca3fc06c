"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Where the identity provider sends people back to. Whoever is signed in goes on to the clusters. */
export default function Login() {
  const router = useRouter();
  useEffect(() => router.replace("/"), [router]);
  return null;
}
